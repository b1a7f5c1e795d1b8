/** The page's copy of a run. It asks the server for the rows and events that it lacks. */
import { type Failure, FailureStory } from "../../report/failure-log.js";
import { LongTable } from "../long-table.js";
import {
  type Extent,
  type LoggedEvent,
  type Pictures,
  type ShownRun,
  STEP_COLUMNS,
  STEP_WIDTH,
} from "../what-there-is.js";

/** Columns of the table of evaluations. */
export const ERROR_COLUMNS = { epoch: 0, time: 1, bytes: 2, test: 3, train: 4 } as const;
const ERROR_WIDTH = 5;

const NOTHING: Extent = { steps: 0, workers: 0, log: 0, pictures: 0, isOver: false };

export class RunCopy {
  readonly run: ShownRun;
  readonly #path: string;
  readonly steps = new LongTable(STEP_WIDTH);
  readonly errors = new LongTable(ERROR_WIDTH);
  workers: LongTable | undefined;
  readonly log: LoggedEvent[] = [];
  pictures: Pictures | undefined;
  #shown = 0;
  extent: Extent = NOTHING;
  /** What the evaluations measure: `SSE`, `accuracy`, `loss`. */
  measure = "SSE";

  constructor(run: ShownRun, number: number) {
    this.run = run;
    this.#path = `runs/${number}`;
  }

  /** Seconds from the start to the latest event. */
  get seconds(): number {
    const { length } = this.steps;
    const steps = length === 0 ? 0 : this.steps.at(length - 1, STEP_COLUMNS.time);
    return Math.max(steps, this.log.at(-1)?.at ?? 0);
  }

  /** Reads the rows and events that the copy lacks, piece by piece: between two pieces the page stays awake. */
  async catchUp(extent: Extent): Promise<void> {
    this.extent = extent;
    while (this.steps.length < extent.steps) {
      this.steps.append(await this.#numbers("steps", this.steps.length));
    }
    this.workers ??= extent.workers > 0 ? new LongTable(1 + (extent.status?.workers.length ?? 0)) : undefined;
    while (this.workers && this.workers.length < extent.workers) {
      this.workers.append(await this.#numbers("workers", this.workers.length));
    }
    while (this.log.length < extent.log) {
      const events = (await (await this.#get(`log?from=${this.log.length}`)).json()) as LoggedEvent[];
      for (const event of events) this.#add(event);
    }
    if (this.#shown !== extent.pictures) {
      this.#shown = extent.pictures;
      this.pictures = (await (await this.#get("pictures")).json()) as Pictures;
    }
  }

  /** What failed until a moment. */
  failures(until: number): readonly Failure[] {
    const story = new FailureStory();
    for (const event of this.log) if (event.at <= until && event.event !== "start") story.add(shifted(event));
    return story.failures;
  }

  #add(event: LoggedEvent): void {
    this.log.push(event);
    if (event.event === "evaluation") this.#measured(event, event.test.sse, event.train?.sse);
    if (event.event !== "metrics") return;
    this.measure = "accuracy" in event.test ? "accuracy" : "loss";
    this.#measured(event, event.test[this.measure], event.train?.[this.measure]);
  }

  #measured({ at, epoch }: LoggedEvent, test = Number.NaN, train = Number.NaN): void {
    const row = Math.min(this.steps.find(STEP_COLUMNS.time, at), this.steps.length - 1);
    this.errors.append([epoch, at, row < 0 ? 0 : this.steps.at(row, STEP_COLUMNS.bytes), test, train]);
  }

  async #numbers(what: string, from: number): Promise<Float64Array> {
    return new Float64Array(await (await this.#get(`${what}?from=${from}`)).arrayBuffer());
  }

  async #get(what: string): Promise<Response> {
    const response = await fetch(`${this.#path}/${what}`);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return response;
  }
}

/** All times count from the start of the run, also in a run that was resumed. */
function shifted(event: LoggedEvent): LoggedEvent {
  const by = event.at - event.time;
  if (event.event !== "recovery") return { ...event, time: event.at };
  const { noticed, resumed, waitedFrom } = event;
  return { ...event, time: event.at, noticed: noticed + by, resumed: resumed + by, waitedFrom: waitedFrom + by };
}
