/**
 * The stages of a pipeline as the driver sees them: a group of devices, which is lost when one of them is. All
 * computation runs in the stages; this class gives them orders, although messages may be lost.
 */
import type { Ref } from "../actor/ref.js";
import { askUntilAnswered, SilenceError } from "../actor/retry.js";
import { type DeviceLoss, DeviceLostError } from "../device/device.js";
import type { DeviceGroup } from "../device/device-group.js";
import { DawnpourError } from "../error.js";
import type { Attached, Order, Outcome, ToStage } from "./protocol.js";

export interface StagesOptions {
  /** Addresses of the stages, first to last. */
  readonly refs: readonly Ref<ToStage>[];
  /** Larger than that of every driver before. */
  readonly term: number;
  /** Milliseconds after which a stage that has not answered is asked again. */
  readonly remind: number;
  /** Milliseconds after which a stage is given up: its device may hang while its process lives. */
  readonly stepTimeout: number;
  /** The stage on this node was given up; the wait goes on, for its successor. */
  onSilence(node: string): void;
}

export class Stages implements DeviceGroup {
  readonly info: DeviceGroup["info"];
  readonly lost: Promise<DeviceLoss>;
  readonly #place: StagesOptions;
  readonly #stages: readonly Attached[];
  readonly #unwatch: readonly (() => void)[];
  readonly #over = new AbortController();
  /** Rejects when it is lost. */
  readonly #failure: Promise<never>;
  #settleLost: (loss: DeviceLoss) => void = () => undefined;
  #loss: DeviceLoss | undefined;
  #orders = 0;

  /** Waits until all stages are there, and makes this their driver. @param signal ends the wait */
  static async attach(place: StagesOptions, signal: AbortSignal): Promise<Stages> {
    const attached = await Promise.all(place.refs.map((ref) => attachOne(ref, place, signal)));
    const stages = new Stages(place, attached);
    try {
      await stages.#link();
      return stages;
    } catch (error) {
      stages.destroy();
      throw error;
    }
  }

  private constructor(place: StagesOptions, stages: readonly Attached[]) {
    this.#place = place;
    this.#stages = stages;
    this.info = { bits: stages.map(({ info }) => info.bits).join(" | ") };
    this.lost = new Promise((resolve) => {
      this.#settleLost = resolve;
    });
    this.#failure = this.lost.then(({ message }) => {
      throw new DeviceLostError(message);
    });
    // The code that awaits the stages handles the error.
    this.#failure.catch(() => undefined);
    this.#unwatch = stages.map(({ ref }) =>
      ref.onEnd(({ reason, error }) => {
        const why = error instanceof Error ? error.message : (error ?? reason);
        this.#lose({ reason: "lost", message: `${ref.address.node}: ${why}` });
      }),
    );
  }

  /**
   * Has all stages carry out an order; one at a time.
   *
   * @returns the value of the last stage
   * @throws DeviceLostError when a stage is lost, DawnpourError with the error of a stage
   */
  async order(order: Order): Promise<number> {
    const { term } = this.#place;
    const id = ++this.#orders;
    const values = await this.#all((replyTo) => ({ kind: "order", term, id, order, replyTo }));
    return values[values.length - 1];
  }

  /** Leaves the stages to the next driver. */
  destroy(): void {
    this.#lose({ reason: "destroyed", message: "the driver left the pipeline" });
  }

  async #link(): Promise<void> {
    const { term } = this.#place;
    const refs = this.#stages.map(({ ref }) => ref);
    await this.#all((replyTo, i) => ({ kind: "link", term, before: refs[i - 1], after: refs[i + 1], replyTo }));
  }

  /** Asks every stage until all have answered, or one fails: the others may be waiting for that one. */
  async #all(make: (replyTo: Ref<Outcome>, stage: number) => ToStage): Promise<number[]> {
    const { remind, stepTimeout: patience } = this.#place;
    const limits = { remind, patience, signal: this.#over.signal };
    const answers = this.#stages.map(async ({ ref }, i) => {
      const outcome = await askUntilAnswered<ToStage, Outcome>(ref, (replyTo) => make(replyTo, i), limits);
      if ("error" in outcome) throw new DawnpourError(outcome.error);
      return outcome.value;
    });
    return Promise.race([Promise.all(answers), this.#failure]);
  }

  #lose(loss: DeviceLoss): void {
    if (this.#loss) return;
    this.#loss = loss;
    for (const unwatch of this.#unwatch) unwatch();
    this.#over.abort();
    this.#settleLost(loss);
  }
}

async function attachOne(ref: Ref<ToStage>, place: StagesOptions, signal: AbortSignal): Promise<Attached> {
  const { term, remind, stepTimeout, onSilence } = place;
  // Less than the step timeout, after which the driver itself would be ended.
  const limits = { remind, patience: stepTimeout / 2, signal };
  for (;;) {
    try {
      return await askUntilAnswered<ToStage, Attached>(ref, (replyTo) => ({ kind: "attach", term, replyTo }), limits);
    } catch (error) {
      if (signal.aborted || !(error instanceof SilenceError)) throw error;
      onSilence(ref.address.node);
    }
  }
}
