/** A whole cluster in a simulated world, for one life of a run: from its start or a checkpoint until it ends or is killed. */
import { inspect } from "node:util";
import type { Snapshot } from "../../src/cluster/protocol.js";
import { RunSupervisor } from "../../src/cluster/supervision/run-supervisor.js";
import { digestOf } from "../../src/collective/digest.js";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { startCoordinator, startWorker } from "../../src/distributed/node-programs.js";
import { DawnpourError } from "../../src/error.js";
import type { ReplicaProgram, ReplicaVectors } from "../../src/strategies/rounds/replica.js";
import { ORIGIN, TensorStore, type TensorStoreShape } from "../../src/tensors/tensor-store.js";
import type { TriggerOptions } from "../../src/training/triggers.js";
import type { Frame } from "../../src/transport/frame.js";
import type { Link } from "../../src/transport/link.js";
import { type LinkFaults, MemoryNetwork } from "../../src/transport/memory/network.js";
import type { Transport } from "../../src/transport/transport.js";
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import { type InHand, Sabotage, slow } from "./sabotage.js";
import { BarrierMemory, SimulatedBarrier } from "./simulated-barrier.js";
import { type Boot, Gate, gatedTransport, gatedWorld, SimulatedHost } from "./simulated-host.js";
import { BATCH, dataset, IMAGES, ROUNDS, synchronous } from "./small-training.js";
import { Told } from "./told.js";
import { witness } from "./witness.js";

export const TIMES = { heartbeat: 100, timeout: 500, stepTimeout: 5000 };

export const TRIGGERS: Required<Omit<TriggerOptions, "program">> = {
  rounds: ROUNDS,
  snapshotEvery: 4,
  evaluateEvery: 2,
  checkpointEvery: 1,
  images: IMAGES,
  batch: BATCH,
};

/** Triggers with nothing due before the end. */
export const SPARSE: Partial<TriggerOptions> = { snapshotEvery: 1000, evaluateEvery: 1000, checkpointEvery: 1000 };

export interface SimulatedRunOptions {
  readonly workers: number;
  readonly parts: number;
  /** Workers that it begins with, and fewest to train with. Defaults: all; 1. */
  readonly first?: number;
  readonly least?: number;
  /** The link of each machine, for vectors. Default: they take no time. */
  readonly link?: Link;
  readonly faults?: Partial<LinkFaults>;
  readonly triggers?: Partial<TriggerOptions>;
  /** Default: synchronous. */
  readonly program?: ReplicaProgram;
  /** The checkpoint to resume from. */
  readonly from?: { readonly round: number; readonly state: ReplicaVectors };
  /** Saves checkpoints. */
  readonly save?: (round: number, state: ReplicaVectors) => Promise<string>;
  /** The kind of each worker's device: those of one number compute the same bits. Default: all 0. */
  readonly kinds?: readonly number[];
  /** Workers whose devices cannot be opened. */
  readonly broken?: readonly number[];
  /** Whether a replica under a lease computes many rounds in one call. Default: true. */
  readonly runsLeased?: boolean;
  /** Called with every event. */
  readonly trace?: (line: string) => void;
  /** The number of lives before this one. */
  readonly life?: number;
}

export interface Finished {
  readonly snapshot: Snapshot;
  readonly state: ReplicaVectors;
}

export class SimulatedRun {
  readonly told = new Told();
  readonly sabotage = new Sabotage();
  readonly network: MemoryNetwork;
  readonly host: SimulatedHost;
  readonly #world: SimulatedWorld;
  readonly #options: SimulatedRunOptions;
  readonly #tensors: TensorStore;
  readonly #memory = new BarrierMemory();
  readonly #gate = new Gate();
  #cluster: RunSupervisor | undefined;
  #dead = false;
  /** The number of messages from node to node, without heartbeats. */
  messages = 0;

  static async start(world: SimulatedWorld, options: SimulatedRunOptions): Promise<SimulatedRun> {
    const run = new SimulatedRun(world, options);
    await run.#begin();
    return run;
  }

  private constructor(world: SimulatedWorld, options: SimulatedRunOptions) {
    const { workers, parts, faults = {}, life = 0 } = options;
    const program: ReplicaProgram = options.program ?? synchronous(parts);
    const { vectors, length, local, each } = program;
    const shape: TensorStoreShape = { workers, parts: parts, vectors, length, local, each };
    const random = new Random(world.seed, 77, life);
    this.#world = world;
    this.#options = options;
    this.#tensors = new TensorStore(shape, (_, bytes) => new ArrayBuffer(bytes));
    this.network = new MemoryNetwork(world, world.seed + 2 ** 32 * life, { delay: [0, 2], ...faults });
    this.host = new SimulatedHost(world, this.network, this.#boot(), () => random.between(1, 40));
  }

  get cluster(): RunSupervisor {
    if (!this.#cluster) throw new Error("the run has not begun");
    return this.#cluster;
  }

  /** Whether the whole run was killed, with its main process. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Whether no damage is left to find: a vote found each damaged replica, or found it sound again. */
  get noEvidenceLeft(): boolean {
    const { commits, failures } = this.told;
    const found = (at: number): boolean =>
      failures.some(({ failure, noticed }) => failure.includes("differs") && noticed >= at);
    const { sabotage } = this;
    return (
      !sabotage.isPlanned("rot") &&
      sabotage.rots.every(({ round, at }) => found(at) || commits.some((commit) => commit.round === round))
    );
  }

  /** Kills all its nodes at once. */
  killAll(): void {
    this.#dead = true;
    this.#gate.remove();
    this.host.killAll();
  }

  /**
   * Runs until the run has ended. Undefined if it was killed.
   *
   * @throws Error if that takes longer than `limit` milliseconds of virtual time, or the error with which the run ended
   */
  async finish(limit = 120_000): Promise<Finished | undefined> {
    const { told } = this;
    const { time, clock } = this.#world;
    const until = clock.now() + limit;
    while (!told.end && !this.#dead && clock.now() < until) await time.advance(50);
    if (!told.end && !this.#dead) throw new Error(`no end after ${limit} ms: at round ${told.progress}`);
    const closed = told.end && !this.#dead ? this.cluster.close() : undefined;
    await time.advance(20_000);
    await closed;
    if (!told.end) return undefined;
    if ("error" in told.end) throw told.end.error;
    const { snapshot } = told.end;
    const vectors = this.#tensors.vectors(snapshot.owner, snapshot.set).map((vector) => vector.slice());
    return { snapshot, state: { vectors, scalars: snapshot.scalars } };
  }

  async #begin(): Promise<void> {
    const { workers, first, parts, from, save = async () => "somewhere", program } = this.#options;
    const begin = from ?? { round: 0, state: (program ?? synchronous(parts)).initialState() };
    const vectors = this.#tensors.vectors(ORIGIN, 0);
    for (const [i, vector] of vectors.entries()) vector.set(begin.state.vectors[i]);
    const { scalars } = begin.state;
    const digest = await digestOf(new PortableCollective(), vectors, scalars);
    this.#cluster = new RunSupervisor({
      world: gatedWorld(this.#world, this.#gate),
      fabric: {
        host: this.host,
        transport: gatedTransport(this.#counted("main", this.network.join("main")), this.#gate),
        tensors: this.#tensors,
      },
      times: TIMES,
      workers,
      first,
      task: (name) => name,
      origin: { round: begin.round, owner: ORIGIN, set: 0, digest, scalars },
      save,
      listener: this.told,
      seed: this.#world.seed,
    });
  }

  #boot(): Boot {
    const {
      workers,
      least,
      link,
      parts,
      triggers,
      kinds = [],
      broken = [],
      life = 0,
      runsLeased = true,
      program,
    } = this.#options;
    const { sabotage, told } = this;
    return async (spec, world, transport) => {
      const { name, incarnation } = spec;
      const index = Number(name.split("-")[1]);
      const options = { world, name, incarnation, transport: this.#counted(name, transport), times: TIMES };
      const kind = kinds[index] ?? 0;
      const inHand: InHand = {};
      const strategy = slow(program ?? synchronous(parts), {
        node: name,
        timers: world.timers,
        clock: world.clock,
        random: new Random(this.#world.seed, life, incarnation),
        sabotage,
        onWork: (what) => this.#trace(() => `${name} ${what}`),
        ulps: kind,
        inHand,
        runsLeased,
      });
      const barrier = new SimulatedBarrier(this.#memory, world);
      const shared = { strategy, tensors: this.#tensors, barrier, collective: new PortableCollective() };
      const times = { gather: 100, remind: 600, grace: 60, step: TIMES.stepTimeout, transit: link ? 2000 : 0 };
      const gathered = (rows: Uint32Array): void => {
        if (inHand.part) told.gathered(index, inHand.part.round, inHand.part.part, rows);
      };
      const openDevice = async () => {
        if (broken.includes(index)) throw new DawnpourError(`device ${index} is not there`);
        return witness(openReferenceDevice(), { id: `kind ${kind}`, bits: `kind ${kind}` }, gathered);
      };
      const system =
        name === "coordinator"
          ? startCoordinator(options, shared, { workers, least, link, triggers: { ...TRIGGERS, ...triggers }, times })
          : startWorker(options, shared, { index, dataset, patience: 3000, openDevice });
      await system.ended;
    };
  }

  #counted(name: string, transport: Transport): Transport {
    return {
      node: transport.node,
      send: (to, frame) => {
        if ((frame as Frame).content.kind === "message") this.messages++;
        this.#trace(() => `${name} > ${to} ${inspect(frame, { depth: 6, breakLength: Number.POSITIVE_INFINITY })}`);
        transport.send(to, frame);
      },
      onFrame: (receive) => transport.onFrame(receive),
      close: () => transport.close(),
    };
  }

  #trace(line: () => string): void {
    this.#options.trace?.(`${this.#world.clock.now()} ${line()}`);
  }
}
