/** A whole run with parameter servers in a simulated world. */
import type { Start } from "../../src/actor/behavior.js";
import { RunSupervisor } from "../../src/cluster/supervision/run-supervisor.js";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import {
  ORDER_LOG,
  startServedCoordinator,
  startServedWorker,
  startServer,
} from "../../src/distributed/served/served-programs.js";
import { type Order, parseOrder } from "../../src/parameter-server/order-file.js";
import { orderLog, SNAPSHOT_OWNER } from "../../src/parameter-server/order-log.js";
import { type PieceUpdate, pieceUpdate } from "../../src/parameter-server/piece-update.js";
import { type Replayed, replay } from "../../src/parameter-server/replay.js";
import { ServedRounds } from "../../src/parameter-server/served-rounds.js";
import { stateKeeper } from "../../src/parameter-server/state-keeper.js";
import { roundAt } from "../../src/strategies/rounds/replica.js";
import type { StrategyFactory } from "../../src/strategies/strategy.js";
import { strategyRun } from "../../src/strategies/strategy-run.js";
import { ORIGIN, TensorStore } from "../../src/tensors/tensor-store.js";
import { type LinkFaults, MemoryNetwork } from "../../src/transport/memory/network.js";
import { AutoencoderWorkload } from "../../src/workload/autoencoder.js";
import type { Learner } from "../../src/workload/learner.js";
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import type { Timers } from "../../src/world/world.js";
import { type Boot, SimulatedHost } from "../simulation/simulated-host.js";
import { BATCH, config, dataset, IMAGES, model } from "../simulation/small-training.js";
import { Told } from "../simulation/told.js";

const TIMES = { heartbeat: 100, timeout: 500, stepTimeout: 5000 };
export const ORDER_PATH = "/order.jsonl";

export interface ServedRunOptions {
  readonly strategy: StrategyFactory;
  readonly parts: number;
  readonly workers: number;
  readonly servers: number;
  readonly steps: number;
  readonly faults?: Partial<LinkFaults>;
  /** Milliseconds of a gradient, at most. Default: 6. */
  readonly slowness?: number;
}

/** The rounds of a small training. */
export function servedRounds({ strategy: factory, parts, servers, steps }: ServedRunOptions): ServedRounds {
  const mine = { ...config, parts };
  const workload = new AutoencoderWorkload({ model, config: mine, steps });
  const about = strategyRun(workload, { ...mine, images: IMAGES, steps, rate: () => 0.1 });
  return new ServedRounds(workload, factory({}, about), servers);
}

export class ServedRun {
  readonly told = new Told();
  readonly network: MemoryNetwork;
  readonly host: SimulatedHost;
  readonly cluster: RunSupervisor;
  readonly #world: SimulatedWorld;
  readonly #options: ServedRunOptions;
  readonly #rounds: ServedRounds;
  readonly #tensors: TensorStore;

  constructor(world: SimulatedWorld, options: ServedRunOptions) {
    this.#world = world;
    this.#options = options;
    this.#rounds = servedRounds(options);
    const { length, vectors } = this.#rounds;
    const random = new Random(world.seed, 77);
    this.#tensors = new TensorStore({ workers: 1, parts: 1, vectors, length }, (_, bytes) => new ArrayBuffer(bytes));
    this.network = new MemoryNetwork(world, world.seed, { delay: [0, 2], ...options.faults });
    this.host = new SimulatedHost(world, this.network, this.#boot(), () => random.between(1, 40));
    const initial = this.#tensors.vectors(ORIGIN, 0);
    for (const [i, vector] of this.#rounds.initialState().vectors.entries()) initial[i].set(vector);
    const origin = { rounds: this.#rounds, initial, round: 0, tensors: this.#tensors };
    const log = this.#rounds.isBulk
      ? stateKeeper(origin)
      : orderLog({ ...origin, disk: world.disk, path: () => ORDER_PATH });
    this.cluster = new RunSupervisor({
      world,
      fabric: { host: this.host, transport: this.network.join("main"), tensors: this.#tensors },
      times: TIMES,
      workers: options.workers,
      extras: this.#rounds.pieces.map((_, piece) => `server-${piece}`),
      services: { [ORDER_LOG]: log as Start<never> },
      task: (name) => name,
      origin: { round: 0, owner: ORIGIN, set: 0, digest: "", scalars: [] },
      save: async () => "somewhere",
      listener: this.told,
      seed: world.seed,
    });
  }

  /** The clocks of the run. */
  get end(): number {
    return roundAt(this.#rounds, this.#options.steps);
  }

  /** Runs to the end; resolves with the vectors of the last state. @throws Error when that takes too long */
  async finish(limit = 240_000): Promise<Float32Array[]> {
    const { told } = this;
    const { time, clock } = this.#world;
    const until = clock.now() + limit;
    while (!told.end && clock.now() < until) await time.advance(50);
    if (!told.end) throw new Error(`no end after ${limit} ms: at round ${told.progress}`);
    const closed = this.cluster.close();
    await time.advance(20_000);
    await closed;
    if ("error" in told.end) throw told.end.error;
    const { owner, set, round } = told.end.snapshot;
    if (owner !== SNAPSHOT_OWNER || round !== this.end) throw new Error(`it ended in round ${round}`);
    return this.#tensors.vectors(owner, set).map((vector) => vector.slice());
  }

  async order(): Promise<Order> {
    return parseOrder(new TextDecoder().decode(await this.#world.disk.read(ORDER_PATH)), ORDER_PATH);
  }

  /** Replays the run in one process. */
  async replay(): Promise<Replayed> {
    const device = openReferenceDevice();
    const learner = await this.#rounds.workload.open(device, dataset);
    const updates = this.#rounds.pieces.map((_, piece) => this.#update(piece).step);
    const { vectors: initial } = this.#rounds.initialState();
    const replayed = await replay({ rounds: this.#rounds, order: await this.order(), initial, learner, updates });
    device.destroy();
    return replayed;
  }

  #update(piece: number): PieceUpdate {
    const { parts, steps } = this.#options;
    const { length } = this.#rounds.pieces[piece];
    return pieceUpdate({ ...config, parts }, steps, length, async () => openReferenceDevice());
  }

  #boot(): Boot {
    const { workers, steps, slowness = 6 } = this.#options;
    const rounds = this.#rounds;
    return async (spec, world, transport) => {
      const { name, incarnation } = spec;
      const node = { world, name, incarnation, transport, times: TIMES };
      const index = Number(name.split("-")[1]);
      const shared = { rounds, remind: 600 };
      const random = new Random(this.#world.seed, incarnation);
      const triggers = { rounds: this.end, program: rounds, images: IMAGES };
      const system = name.startsWith("worker")
        ? startServedWorker(node, shared, {
            ...{ index, end: roundAt(rounds, steps), dataset, tensors: this.#tensors, patience: 3000 },
            openDevice: async () => openReferenceDevice(),
            learner: (learner) => slow(learner, world.timers, () => random.between(1, slowness * (1 + index))),
          })
        : name.startsWith("server")
          ? startServer(node, shared, {
              ...{ piece: index, collective: new PortableCollective(), update: () => this.#update(index) },
            })
          : startServedCoordinator(node, shared, {
              ...{ workers, reserve: 400 },
              triggers: { ...triggers, batch: BATCH, snapshotEvery: 4, evaluateEvery: 2, checkpointEvery: 2 },
            });
      await system.ended;
    };
  }
}

/** A learner whose gradients and steps take time. */
function slow(learner: Learner, timers: Timers, milliseconds: () => number): Learner {
  const wait = (): Promise<void> => new Promise((resolve) => timers.after(milliseconds(), resolve));
  return {
    length: learner.length,
    state: learner.state,
    vectors: learner.vectors,
    async gradient(rows, out) {
      await wait();
      return learner.gradient(rows, out);
    },
    async steps(count, rows, first) {
      await wait();
      return learner.steps(count, rows, first);
    },
    loss: (rows) => learner.loss(rows),
    update: (gradient, step) => learner.update(gradient, step),
    save: (out) => learner.save(out),
    restore: (state) => learner.restore(state),
    evaluate: () => learner.evaluate(),
    destroy: () => learner.destroy(),
  };
}
