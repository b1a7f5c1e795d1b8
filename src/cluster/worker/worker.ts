/**
 * A worker: one learner on one device. It does what the coordinator tells it, in order, and knows no other worker. It handles
 * no failure itself: the actor fails, its supervisor starts it again with a newly opened device, and the coordinator restores
 * its state.
 *
 * A worker without a coordinator keeps its state, while `CoordinatorLink` looks for one.
 */

import type { Behavior, Context, Start, Terminated } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import type { Dataset } from "../../data/dataset.js";
import type { Device } from "../../device/device.js";
import type { DeviceGroup } from "../../device/device-group.js";
import { freedOnFailure } from "../../device/freed-on-failure.js";
import { contributionIn, type Replica, type ReplicaProgram, replicaVectors } from "../../strategies/rounds/replica.js";
import type { Evaluation } from "../../training/evaluate.js";
import type { VectorFabric } from "../fabric.js";
import type { Computed, Damage, Snapshot, Task, ToCoordinator, ToWorker } from "../protocol.js";
import { computePart } from "./compute-part.js";
import { CoordinatorLink } from "./coordinator-link.js";
import { blamingLoss, lossOf } from "./device-loss.js";
import type { HeldLease } from "./held-lease.js";
import { LeaseRunner } from "./lease-runner.js";
import { replicaState } from "./replica-state.js";
import { saveSnapshot } from "./save-snapshot.js";
import type { SharedAllReduceOptions } from "./shared-all-reduce.js";
import { Slowness } from "./slowness.js";

/** `G`: the group of devices that the worker uses. */
export interface WorkerOptions<G extends DeviceGroup = Device> extends VectorFabric<G> {
  readonly index: number;
  readonly strategy: ReplicaProgram<G>;
  readonly dataset: Pick<Dataset, "train" | "test">;
  /** @param signal aborted when the worker ends before it has the device */
  openDevice(signal: AbortSignal): Promise<G>;
  /** The address of the coordinator. */
  coordinator(): Ref<ToCoordinator>;
  /** Milliseconds without a coordinator after which the worker gives up. */
  readonly patience: number;
}

export function worker<G extends DeviceGroup>(options: WorkerOptions<G>): Start<ToWorker> {
  return async (context) => {
    const opened = await options.openDevice(context.signal);
    return freedOnFailure(opened, async (device) => {
      const stream = await options.streamCollectiveOf?.(device);
      const learner = await options.strategy.open(device, options.dataset);
      return new Worker(context, { ...options, stream }, device, learner);
    });
  };
}

/** What a worker uses once its device is open. */
type OpenWorkerOptions = Pick<WorkerOptions, "coordinator" | "patience"> & SharedAllReduceOptions;

class Worker implements Behavior<ToWorker> {
  readonly #context: Context<ToWorker>;
  readonly #options: OpenWorkerOptions;
  readonly #device: DeviceGroup;
  readonly #learner: Replica;
  readonly #runner: LeaseRunner;
  readonly #link: CoordinatorLink;
  /** The replica was restored at least once. */
  #hasState = false;
  /** Results of this round, by part. */
  #computed = new Map<number, Computed>();
  #evaluation: { readonly round: number; readonly errors: Evaluation } | undefined;
  /** The last snapshot that was saved. */
  #saved: Snapshot | undefined;
  /** Damage for the next gradients. */
  readonly #damage: Damage[] = [];
  readonly #slowness: Slowness;

  constructor(context: Context<ToWorker>, options: OpenWorkerOptions, device: DeviceGroup, learner: Replica) {
    this.#context = context;
    this.#options = options;
    this.#device = device;
    this.#learner = learner;
    this.#runner = new LeaseRunner(options, learner, context.system.clock);
    device.lost.then(({ message }) => context.self.tell({ kind: "lost", why: message }));
    this.#link = new CoordinatorLink(context, options.patience);
    this.#slowness = new Slowness(context.system);
  }

  receive(message: ToWorker): Promise<void> {
    return blamingLoss(this.#device, this.#receive(message));
  }

  async #receive(message: ToWorker): Promise<void> {
    if ("term" in message) {
      if (message.kind === "welcome") this.#follow(message.term, message.coordinator);
      if (!this.#link.hears(message.term)) return;
    }
    switch (message.kind) {
      case "advance":
        return this.#advance(message);
      case "save":
        return this.#save(message.round, message.set);
      case "restore":
        return this.#restore(message.snapshot);
      case "evaluate":
        return this.#evaluate(message.round);
      case "runLease":
        return this.#goOn(message.round);
      case "look":
        return this.#look();
      case "corrupt":
        this.#damage.push(message);
        return;
      case "slow":
        return this.#slowness.begin(message, message.milliseconds);
      case "lose":
        this.#device.destroy();
        return;
      case "lost":
        throw lossOf(message.why);
    }
  }

  terminated({ ref }: Terminated): void {
    // More rounds under the lease would change the state that the worker reports to the next coordinator.
    if (this.#link.lost(ref)) this.#runner.end();
  }

  ended(): void {
    this.#runner.forget();
    this.#learner.destroy();
    this.#device.destroy();
  }

  #follow(term: number, coordinator: Ref<ToCoordinator>): void {
    const { term: before } = this.#link;
    if (!this.#link.follow(term, coordinator)) return;
    this.#computed.clear();
    this.#saved = undefined;
    // If the term is the same, the lease still has to be reported.
    if (term !== before) this.#runner.forget();
  }

  async #look(): Promise<void> {
    // A silent coordinator already knows the state of this worker.
    if (this.#link.isToJoin()) await this.#join(this.#hasState && !this.#link.isUp);
    this.#link.lookLater();
  }

  /** Joins the coordinator. It may be a new one, or have given this worker up. */
  async #join(withState: boolean): Promise<void> {
    const { index } = this.#options;
    const { incarnation } = this.#context.system;
    const info = { index, incarnation, ref: this.#context.self, deviceKind: this.#device.info.bits };
    const state = withState ? await replicaState(this.#options, this.#learner, this.#runner.held) : undefined;
    this.#options.coordinator().tell({ kind: "join", info, state });
  }

  async #advance({ round, sum, arrived, parts, lease }: ToWorker & { kind: "advance" }): Promise<void> {
    const { held } = this.#runner;
    if (held && round >= held.from && round < this.#learner.round) return this.#tellOf(held);
    if (round >= this.#learner.round) this.#runner.forget();
    if (sum !== undefined && this.#learner.round === round - 1 && this.#hasState) {
      await this.#apply(sum, arrived);
      this.#computed.clear();
    }
    if (lease && this.#hasState && this.#learner.round === round) {
      this.#computed.clear();
      return this.#runLease(this.#runner.take(lease));
    }
    // If the replica is not in that round yet, the coordinator sends the missing messages again, or restores the
    // replica.
    for (const task of this.#learner.round === round ? parts : []) await this.#compute(task);
    if (parts.length === 0 || this.#learner.round !== round) await this.#ready();
  }

  #apply(sum: number, arrived?: readonly number[]): Promise<void> {
    const { tensors, strategy } = this.#options;
    const { round } = this.#learner;
    const each = (part: number): Float32Array =>
      contributionIn(strategy, round, tensors.carried(part, round + 1)[strategy.local ?? 0]);
    return this.#learner.apply(contributionIn(strategy, round, tensors.slot(sum)), each, arrived);
  }

  /** Between two runs of rounds the worker reads its messages. */
  #runLease({ round }: Pick<HeldLease, "round">): void {
    this.#context.self.tell({ kind: "runLease", round });
  }

  /**
   * Runs rounds without messages to the coordinator. Damage and slowness end the lease first, because only the coordinator can
   * have a damaged part computed again, or give a late part to another worker.
   */
  async #goOn(round: number): Promise<void> {
    const { held } = this.#runner;
    if (held?.round !== round || this.#learner.round !== round || held.isOver) return;
    const isWanted = this.#damage.length > 0 || !this.#slowness.isOver;
    if (isWanted && held.losses.length === 0) return this.#tellOf(held);
    const isMore = await this.#runner.goOn(held, isWanted);
    return isMore ? this.#runLease(held) : this.#tellOf(held);
  }

  /** Reports the lease and ends it. The report may have to be repeated until the coordinator goes on. */
  #tellOf({ standing }: HeldLease): void {
    this.#runner.end();
    this.#link.tell({ kind: "leaseReport", term: this.#link.term, worker: this.#options.index, ...standing });
  }

  async #ready(): Promise<void> {
    await this.#learner.settled();
    this.#link.tell({ kind: "ready", term: this.#link.term, worker: this.#options.index, round: this.#learner.round });
  }

  async #compute({ part, attempt }: Task): Promise<void> {
    const known = this.#computed.get(part);
    if (known && known.attempt >= attempt) return this.#link.tell(known);
    const { round } = this.#learner;
    const { clock } = this.#context.system;
    const began = clock.now();
    const result = await computePart(this.#options, this.#learner, part, this.#damage.shift());
    await this.#slowness.drag(began);
    const about = { part, attempt, round, term: this.#link.term, worker: this.#options.index };
    const computed: Computed = { kind: "computed", ...about, ...result, milliseconds: clock.now() - began };
    this.#computed.set(part, computed);
    this.#link.tell(computed);
  }

  async #save(round: number, set: number): Promise<void> {
    if (this.#learner.round !== round || !this.#hasState) return this.#ready();
    // A repeated message must not write again: the carried local states may be those of a later round by now.
    if (this.#saved?.round !== round || this.#saved.set !== set) {
      this.#saved = await saveSnapshot(this.#options, this.#learner, round, set);
    }
    this.#link.tell({ kind: "saved", term: this.#link.term, worker: this.#options.index, snapshot: this.#saved });
  }

  async #restore({ round, owner, set, scalars }: Snapshot): Promise<void> {
    const vectors = this.#options.tensors.vectors(owner, set).slice(0, replicaVectors(this.#options.strategy));
    this.#learner.restore(round, { vectors, scalars });
    this.#hasState = true;
    this.#computed.clear();
    this.#runner.forget();
    this.#evaluation = undefined;
    this.#saved = undefined;
    await this.#ready();
  }

  async #evaluate(round: number): Promise<void> {
    if (this.#learner.round !== round || !this.#hasState) return this.#ready();
    if (this.#evaluation?.round !== round) this.#evaluation = { round, errors: await this.#learner.evaluate() };
    this.#link.tell({ kind: "evaluated", term: this.#link.term, worker: this.#options.index, ...this.#evaluation });
  }
}
