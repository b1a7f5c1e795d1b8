/** A model of a user's own: the default export of a module is a function that makes it for the data of a run. */
import { type AskedChoice, type ChoiceOptions, loadChoice, optionsOf } from "../../choice.js";
import { brief, UsageError, unknownWord } from "../../error.js";
import type { ModelLoss } from "../../model/losses/loss.js";
import type { Layer } from "../../model/scope.js";
import { checkLearns, type Optimizer } from "../../optimizer/transform.js";
import { type Keys, refuseUnknownKeys } from "../../option-keys.js";

/**
 * What a model should make of a row: the row itself (`input`), the number of its class (`labels`), or its numbers (`targets`: the
 * column of labels, or the targets of rows in memory).
 */
export const TARGETS = ["input", "labels", "targets"] as const;

/** What the rows of a run are like. */
export interface RowFacts {
  /** Values of a row. */
  readonly features: number;
  /** Classes of the labels, if there are labels from 0. */
  readonly classes?: number;
  /** Numbers that are asked for each row, if there are some. */
  readonly targets?: number;
}

/** A model, its loss, and which part of the data is its target. */
export interface OwnModel {
  readonly model: Layer;
  readonly loss: ModelLoss;
  /** Default: `input`. */
  readonly target?: (typeof TARGETS)[number];
  /** Default: that of the configuration (`optimizer`, `lr`, `schedule`, `clip`). Its schedules are functions of the step alone. */
  readonly optimizer?: Optimizer;
}

/** Makes a model from the options that the user gave. The default export of a model's module is such a function. */
export type ModelFactory = (options: ChoiceOptions, rows: RowFacts) => OwnModel;

const KEYS: Keys<OwnModel> = { model: true, loss: true, target: true, optimizer: true };

/** Undefined where none is asked for. @throws UsageError when the module exports no model */
export async function loadModelFactory(choice: AskedChoice | undefined): Promise<ModelFactory | undefined> {
  if (choice === undefined) return undefined;
  return loadChoice(choice, {
    what: "model",
    names: () => MODULES,
    find: () => undefined,
    isOne: (exported): exported is ModelFactory => typeof exported === "function",
    kind: "function",
    example: "export default function (options, { features, classes }) { return { model, loss, target }; }",
  });
}

/** There are no models by name. */
const MODULES: readonly string[] = [];

/** The model of a run. @throws UsageError when a field of it is missing or wrong */
export function makeOwnModel(
  factory: ModelFactory,
  choice: AskedChoice,
  rows: RowFacts,
): Required<Pick<OwnModel, "target">> & OwnModel {
  const where = typeof choice === "object" && "module" in choice ? `model of ${choice.module}` : "model";
  const made = factory(optionsOf(choice), rows);
  refuseUnknownKeys(made, KEYS, where);
  for (const key of ["model", "loss"] as const) {
    if (typeof made[key] !== "function") {
      throw new UsageError(`${where}: ${key} must be a function, got ${brief(made[key])}`);
    }
  }
  const { target = "input", optimizer } = made;
  if (!TARGETS.includes(target))
    throw new UsageError(`${where}: ${unknownWord("target", String(target), TARGETS).message}`);
  if (optimizer !== undefined) {
    checkLearns(optimizer);
    if (optimizer.links.some((link) => "rate" in link && link.rate.observe)) {
      throw new UsageError(
        `${where}: a schedule that goes by evaluations, such as plateau, is for fit: here a step must follow from its number; take schedules.cosine()`,
      );
    }
  }
  return { ...made, target };
}
