/** All that a page shows of one run: its windows of steps, its other events, its workers, its pictures. It grows as the run goes on. */
import type { ClusterStatus } from "../distributed/status/status.js";
import { placeText } from "../report/place.js";
import type { RunEvent, RunPlace } from "../training/event.js";
import type { Clock } from "../world/world.js";
import { LongTable } from "./long-table.js";
import { type Extent, type LoggedEvent, type Pictures, type ShownRun, STEP_WIDTH } from "./what-there-is.js";

/** Milliseconds between two rows of the table of workers. */
const SAMPLE = 1000;

/** What is known of a run before its first event. */
type FeedOptions = Omit<ShownRun, "images" | "devices" | "kind">;

export class RunFeed {
  readonly #options: FeedOptions;
  readonly #clock: Clock;
  readonly steps = new LongTable(STEP_WIDTH);
  #workers: LongTable | undefined;
  readonly #log: LoggedEvent[] = [];
  #status: ClusterStatus | undefined;
  #pictures: Pictures | undefined;
  #shown = 0;
  #isOver = false;
  #images = 0;
  #place: RunPlace | undefined;
  /** Events of the parts of a resumed run that were done before. */
  #earlier: readonly RunEvent[] = [];
  /** Seconds of the parts before this one, and of the latest event. */
  #before = 0;
  #latest = 0;
  #bytes = 0;
  #sampled = Number.NEGATIVE_INFINITY;

  constructor(options: FeedOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  get run(): ShownRun {
    const { devices = [], kind = "device" } = this.#place ?? {};
    const where = this.#place ? [`on ${placeText(this.#place)}`] : [];
    const lead = [this.#options.lead, ...where].filter((words) => words !== "").join(", ");
    return { ...this.#options, lead, devices, kind, images: this.#images };
  }

  get workers(): LongTable | undefined {
    return this.#workers;
  }

  get log(): readonly LoggedEvent[] {
    return this.#log;
  }

  get pictures(): Pictures | undefined {
    return this.#pictures;
  }

  get extent(): Extent {
    return {
      steps: this.steps.length,
      workers: this.#workers?.length ?? 0,
      log: this.#log.length,
      pictures: this.#shown,
      status: this.#status,
      isOver: this.#isOver,
    };
  }

  /** What metrics.jsonl has of a run that is resumed now. The events of its first part come before those of this one. */
  resumes(events: readonly RunEvent[]): void {
    this.#earlier = events;
  }

  event(event: RunEvent): void {
    if (event.event === "start") this.#begin(event);
    const at = this.#before + event.time;
    this.#latest = Math.max(this.#latest, at);
    if (event.event === "steps") {
      const { epoch, loss, imagesPerSecond, bytes = 0, step } = event;
      this.#bytes += bytes;
      this.steps.append([epoch, at, loss, imagesPerSecond, this.#bytes, step]);
      return;
    }
    this.#log.push({ ...event, at });
    if (event.event === "end" || event.event === "stop") this.#isOver = true;
  }

  status(status: ClusterStatus): void {
    this.#status = status;
    const now = this.#clock.now();
    if (now - this.#sampled < SAMPLE) return;
    this.#sampled = now;
    this.#workers ??= new LongTable(1 + status.workers.length);
    const rates = status.workers.map(({ imagesPerSecond }) => imagesPerSecond ?? Number.NaN);
    if (rates.some((rate) => !Number.isNaN(rate))) this.#workers.append([this.#latest, ...rates]);
  }

  show(pictures: Pictures): void {
    this.#pictures = pictures;
    this.#shown++;
  }

  /** The run has failed, or its result is there: nothing comes any more. */
  end(): void {
    this.#isOver = true;
  }

  #begin({ images, step, place }: Extract<RunEvent, { event: "start" }>): void {
    this.#images = images;
    this.#place = place;
    const earlier = this.#earlier;
    this.#earlier = [];
    for (const event of earlier) if (event.step <= step) this.event(event);
    this.#isOver = false;
    this.#before = this.#latest;
  }
}
