/**
 * The actor of a worker in a run with parameter servers. For each clock of its parts it reads the pieces, computes a contribution,
 * and pushes each piece of it to the server of that piece. The coordinator assigns its parts. Without a coordinator it goes on with
 * them, and gives up after a while.
 */

import type { Behavior, Context, Start, Terminated } from "../actor/behavior.js";
import type { Ref } from "../actor/ref.js";
import type { WorkerInfo } from "../cluster/protocol.js";
import { CoordinatorLink } from "../cluster/worker/coordinator-link.js";
import { blamingLoss, lossOf } from "../cluster/worker/device-loss.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { freedOnFailure } from "../device/freed-on-failure.js";
import type { TensorStore } from "../tensors/tensor-store.js";
import type { Learner } from "../workload/learner.js";
import { SNAPSHOT_OWNER } from "./order-log.js";
import { PartCourse } from "./part-course.js";
import type { Life, ToServedCoordinator, ToServedWorker, ToServer } from "./protocol.js";
import type { ServedRounds } from "./served-rounds.js";

interface ServedWorkerOptions {
  readonly rounds: ServedRounds;
  /** Clocks of the whole run. */
  readonly end: number;
  readonly index: number;
  readonly dataset: Pick<Dataset, "train" | "test">;
  readonly tensors: TensorStore;
  readonly servers: readonly Ref<ToServer>[];
  coordinator(): Ref<ToServedCoordinator>;
  openDevice(): Promise<Device>;
  /** Wraps the learner. A simulation makes its work take time. Default: the learner is used as it is. */
  learner?(learner: Learner): Learner;
  /** Milliseconds after which a message without an answer is sent again. */
  readonly remind: number;
  /** The end of the message about values that are not finite. */
  readonly divergenceAdvice?: string;
  /** Milliseconds without a coordinator after which the worker gives up. */
  readonly patience: number;
}

export function servedWorker(options: ServedWorkerOptions): Start<ToServedWorker> {
  return async (context) => {
    return freedOnFailure(await options.openDevice(), async (device) => {
      const learner = await options.rounds.workload.open(device, options.dataset);
      return new ServedWorker(context, options, device, options.learner?.(learner) ?? learner);
    });
  };
}

class ServedWorker implements Behavior<ToServedWorker> {
  readonly #context: Context<ToServedWorker>;
  readonly #options: ServedWorkerOptions;
  readonly #device: Device;
  readonly #learner: Learner;
  readonly #link: CoordinatorLink<ToServedCoordinator>;
  #courses: readonly PartCourse[] = [];
  #evaluation: (ToServedWorker & { kind: "evaluate" }) | undefined;
  /** Ends the wait of the current part for its parameters, because there is something else to do. */
  #interruption = new AbortController();
  /** Number of contributions that the worker has computed. */
  #done = 0;
  /** Milliseconds that the last of them took. */
  #pace = 0;
  /** The clock that its parts may not compute yet. */
  #until = 0;
  /** The part whose turn it is. */
  #current: PartCourse | undefined;
  #wake: () => void = () => undefined;

  constructor(context: Context<ToServedWorker>, options: ServedWorkerOptions, device: Device, learner: Learner) {
    this.#context = context;
    this.#options = options;
    this.#device = device;
    this.#learner = learner;
    this.#link = new CoordinatorLink(context, options.patience);
    device.lost.then(({ message }) => context.self.tell({ kind: "lost", why: message }));
    if (options.rounds.isBulk) context.every(options.remind, { kind: "check" });
    this.#work().catch((error) => context.self.tell({ kind: "failed", error }));
  }

  receive(message: ToServedWorker): void {
    switch (message.kind) {
      case "assign":
        this.#assign(message);
        break;
      case "evaluate":
        if (!this.#link.hears(message.term) || this.#evaluation?.round === message.round) return;
        this.#evaluation = message;
        this.#interrupt();
        break;
      case "look":
        if (this.#link.isToJoin()) this.#join();
        this.#link.lookLater();
        break;
      case "check":
        this.#check();
        break;
      case "lose":
        this.#device.destroy();
        break;
      case "lost":
        throw lossOf(message.why);
      case "failed":
        throw message.error;
    }
  }

  terminated({ ref }: Terminated): void {
    this.#link.lost(ref);
  }

  ended(): void {
    this.#interrupt();
    this.#learner.destroy();
    this.#device.destroy();
  }

  #join(): void {
    const parts = this.#courses.map(({ progress }) => progress);
    this.#options.coordinator().tell({ kind: "join", info: this.#info, parts, until: this.#until });
  }

  get #info(): WorkerInfo {
    const { self, system } = this.#context;
    // A ref of another message type than `WorkerInfo` names. That does no harm, because the journal only watches it.
    const ref = self as Ref<never>;
    return { index: this.#options.index, incarnation: system.incarnation, ref, deviceKind: this.#device.info.bits };
  }

  #assign({ term, coordinator, lives, until = this.#options.end }: ToServedWorker & { kind: "assign" }): void {
    this.#link.follow(term, coordinator);
    if (!this.#link.hears(term)) return;
    this.#tellProgress();
    this.#extend(until);
    const isHeld = lives.length === this.#courses.length && lives.every((life) => this.#courseOf(life));
    if (isHeld) return;
    this.#courses = lives.map((life) => this.#courseOf(life) ?? this.#begin(life));
    this.#interrupt();
  }

  /** A part waits on the servers for the other parts. Those of this worker may have to begin again for that. */
  #check(): void {
    for (const course of this.#courses) {
      if (course === this.#current) continue;
      course.isLost().then(
        (isLost) => isLost && this.#interrupt(),
        () => undefined,
      );
    }
  }

  #extend(until: number): void {
    if (until <= this.#until) return;
    const isWaiting = this.#courses.every(({ clock }) => clock >= this.#until);
    this.#until = until;
    if (isWaiting) this.#interrupt();
  }

  #courseOf({ part, life }: Life): PartCourse | undefined {
    return this.#courses.find((course) => course.part === part && course.life === life);
  }

  #begin(life: Life): PartCourse {
    const { rounds, servers, end, remind, divergenceAdvice } = this.#options;
    const { signal, system } = this.#context;
    return new PartCourse({ rounds, servers, end, remind, divergenceAdvice, signal, clock: system.clock }, life);
  }

  #interrupt(): void {
    this.#interruption.abort();
    this.#interruption = new AbortController();
    this.#wake();
  }

  /** Computes the clocks of its parts until the actor ends. The part with the smallest clock comes first. */
  async #work(): Promise<void> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      const interruption = this.#interruption.signal;
      const course = this.#courses
        .filter((one) => !one.isOver && !one.isWaiting(this.#until))
        .sort((a, b) => a.clock - b.clock)[0];
      if (this.#evaluation) await this.#evaluate(this.#evaluation);
      else if (course) await this.#advance(course, interruption);
      else await new Promise<void>((resolve) => this.#wakeBy(resolve));
    }
  }

  #wakeBy(resolve: () => void): void {
    this.#wake = resolve;
  }

  async #advance(course: PartCourse, interruption: AbortSignal): Promise<void> {
    this.#current = course;
    const [before, { clock }] = [course.clock, course.progress];
    await blamingLoss(this.#device, course.advance(this.#learner, interruption, this.#until));
    if (course.clock === before && course.progress.clock === clock && !course.isOver) return;
    if (before >= 0 && course.clock > before) {
      this.#done++;
      this.#pace = course.milliseconds;
    }
    this.#tellProgress();
  }

  #tellProgress(): void {
    const { term } = this.#link;
    const parts = this.#courses.map(({ progress }) => progress);
    this.#link.tell({ kind: "progress", term, worker: this.#options.index, parts, done: this.#done, pace: this.#pace });
  }

  async #evaluate({ round, set, term }: ToServedWorker & { kind: "evaluate" }): Promise<void> {
    const [parameters] = this.#options.tensors.vectors(SNAPSHOT_OWNER, set);
    this.#learner.restore({ parameters });
    const errors = await blamingLoss(this.#device, this.#learner.evaluate());
    this.#evaluation = undefined;
    this.#link.tell({ kind: "evaluated", term, round, errors });
  }
}
