/** `dawnpour privacy`: computes the privacy budget of a training before it is run. */
import { Command } from "commander";
import { brief, UsageError } from "../../error.js";
import { noiseFor, type PrivacySpent, privacySpent } from "../../privacy/account.js";
import type { World } from "../../world/world.js";
import { print, printJson } from "../display/output.js";
import { asCalled } from "../invocation.js";
import { number, refuseTwoValues, whole } from "../options.js";

interface PrivacyCommandOptions {
  readonly noise?: number;
  readonly epsilon?: number;
  readonly batch: number;
  readonly rows: number;
  readonly epochs?: number;
  readonly steps?: number;
  readonly delta: number;
  readonly json?: boolean;
}

export function privacyCommand(_world: World): Command {
  const command = new Command("privacy")
    .description("compute the epsilon of private training, or the noise that keeps within an epsilon")
    .option("--noise <x>", "deviation of the noise, as a multiple of the clipping norm", number)
    .option("--epsilon <x>", "the budget: print the least noise that keeps within it", number)
    .requiredOption("--batch <n>", "rows of a step, on average", whole)
    .requiredOption("--rows <n>", "training rows", whole)
    .option("--epochs <n>", "passes over the rows", number)
    .option("--steps <n>", "steps, instead of epochs", whole)
    .option("--delta <x>", "the probability with which epsilon may not hold", number, 1e-5)
    .option("--json", "print one JSON line")
    .addHelpText("after", asCalled(HELP));
  return refuseTwoValues(command).action(runPrivacy);
}

const HELP = `
Each row takes part in a step with probability batch / rows, by itself, as in
\`dawnpour train --strategy private\`. Three values of epsilon are printed,
each an upper bound: that of the distribution of the privacy loss (PRV), that
of Renyi differential privacy, and the latter by the conversion of papers until
2020.

  dawnpour privacy --noise 1.1 --batch 256 --rows 60000 --epochs 60
  dawnpour privacy --epsilon 2 --batch 1024 --rows 60000 --epochs 30`;

/** More steps than a run makes, and a grid that no memory holds. */
const MOST_STEPS = 1e8;

function runPrivacy(options: PrivacyCommandOptions): void {
  const { noise: asked, epsilon, batch, rows, delta, json } = options;
  const steps = checked(options);
  const rate = batch / rows;
  if (asked === undefined && epsilon === undefined) throw new UsageError("give --noise, or --epsilon to look for it");
  const noise = asked ?? noiseFor({ rate, steps }, { epsilon: epsilon as number, delta });
  const spent = privacySpent({ noise, rate, steps }, delta);
  if (json) {
    printJson({ noise, rate, steps, ...spent });
    return;
  }
  print(`noise    ${noise}, ${steps} steps, each row with probability ${rate.toPrecision(4)}, delta ${delta}`);
  for (const line of spentLines(spent)) print(line);
}

function spentLines({ lossDistribution, renyi, renyiBefore2020 }: PrivacySpent): string[] {
  return [
    `epsilon  ${lossDistribution.toPrecision(4)} by the loss distribution (PRV)`,
    `         ${renyi.toPrecision(4)} by RDP`,
    `         ${renyiBefore2020.toPrecision(4)} by RDP, with the conversion of papers until 2020`,
  ];
}

/** The steps. @throws UsageError for options that make no sense, alone or together */
function checked({ noise, epsilon, batch, rows, epochs, steps, delta }: PrivacyCommandOptions): number {
  const must = (holds: boolean, what: string, value: unknown): void => {
    if (!holds) throw new UsageError(`--${what}, got ${brief(value)}`);
  };
  if (noise !== undefined && epsilon !== undefined) throw new UsageError("give --noise or --epsilon, not both");
  if ((epochs === undefined) === (steps === undefined)) throw new UsageError("give --epochs or --steps, one of them");
  must(rows >= 1, "rows must be at least 1", rows);
  must(batch >= 1 && batch <= rows, `batch must be from 1 to the ${rows} rows`, batch);
  must(noise === undefined || (noise >= 0.3 && noise <= 1000), "noise must be from 0.3 to 1000", noise);
  must(epsilon === undefined || (epsilon > 0 && epsilon <= 100), "epsilon must be above 0, and 100 at most", epsilon);
  must(
    delta >= 1e-12 && delta < 1 / rows,
    `delta must be from 1e-12 to below 1 / rows (${(1 / rows).toPrecision(2)}), or epsilon says nothing of a row`,
    delta,
  );
  must(epochs === undefined || epochs > 0, "epochs must be above 0", epochs);
  const count = steps ?? Math.ceil(((epochs as number) * rows) / batch);
  must(
    count >= 1 && count <= MOST_STEPS,
    `${steps === undefined ? "epochs" : "steps"} must give 1 to ${MOST_STEPS} steps`,
    count,
  );
  return count;
}
