/** Random misfortunes for a simulated run: several of all kinds, from a seed. */
import { MODEL_FILE } from "../../src/checkpoint/checkpoint.js";
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import type { SimulatedRun } from "./simulated-run.js";
import { ROUNDS } from "./small-training.js";

/** Where a misfortune strikes. */
interface Scene {
  readonly run: SimulatedRun;
  readonly world: SimulatedWorld;
  readonly workers: number;
  readonly random: Random;
}

const anyWorker = ({ random, workers }: Scene): string => `worker-${random.below(workers)}`;

/** What can happen, and how. */
const KINDS = {
  killWorker: (scene) => scene.run.cluster.kill(anyWorker(scene)),
  killAllWorkers: ({ run, workers }) => {
    for (let index = 0; index < workers; index++) run.cluster.kill(`worker-${index}`);
  },
  killCoordinator: ({ run }) => run.cluster.kill("coordinator"),
  hangWorker: (scene) => scene.run.cluster.hang(anyWorker(scene), scene.random.between(50, 3000)),
  hangCoordinator: ({ run, random }) => run.cluster.hang("coordinator", random.between(50, 3000)),
  panicWorker: (scene) => scene.run.sabotage.plan("panic", anyWorker(scene)),
  panicCoordinator: ({ run }) => run.sabotage.plan("panic", "coordinator"),
  /** Its device hangs while it lives. */
  stickWorker: (scene) => scene.run.sabotage.plan("stick", anyWorker(scene)),
  loseDevice: ({ run, random, workers }) => run.cluster.lose(random.below(workers)),
  flipBit: ({ run, random, workers }) => run.cluster.corrupt(random.below(workers), "flip"),
  spoilGradient: ({ run, random, workers }) => run.cluster.corrupt(random.below(workers), "spoil"),
  /** Bits of the parameters, in one replica or two. */
  rotReplica: (scene) => {
    scene.run.sabotage.plan("rot", anyWorker(scene));
    if (scene.random.uniform() < 0.3) scene.run.sabotage.plan("rot", anyWorker(scene));
  },
  cutOneWay: (scene) => {
    scene.run.network.cut(...pair(scene));
    healLater(scene);
  },
  cutBothWays: (scene) => {
    const [a, b] = pair(scene);
    scene.run.network.partition([a], [b]);
    healLater(scene);
  },
  panicCheckpointer: ({ run }) => run.sabotage.plan("panic", "checkpointer"),
  failDisk: ({ world, random }) => world.disk.failAfter(random.below(30), random.uniform() < 0.5 ? "ENOSPC" : "EIO"),
  tearCheckpoint: ({ run, world, random }) => {
    run.told.onCheckpoint = (path) => {
      run.told.onCheckpoint = () => undefined;
      // By the time that it is torn it may have been removed as an old one, or the power may be off.
      const tear = random.uniform() < 0.5 ? world.disk.flipBit.bind(world.disk) : world.disk.truncate.bind(world.disk);
      tear(`${path}/${MODEL_FILE}`, random.below(500));
    };
  },
  /** As by Ctrl-C; what is left is done by the next life. */
  stop: ({ run }) => run.cluster.stop(),
  /** The disk stops somewhere in the middle of things, and then everything else does. */
  killAll: ({ run, world, random }) => {
    world.disk.powerOffAfter(random.below(20));
    world.timers.after(random.between(0, 200), () => {
      if (!run.told.end) run.killAll();
    });
  },
} satisfies Record<string, (scene: Scene) => void>;

export type Kind = keyof typeof KINDS;

const ALL = Object.keys(KINDS) as Kind[];

export interface Misfortune {
  readonly kind: Kind;
  /** When this round has been committed, */
  readonly round: number;
  /** and so many milliseconds have gone by. */
  readonly delay: number;
}

export interface Plan {
  readonly workers: number;
  readonly parts: number;
  /** Whether there is time between triggers: for long leases. */
  readonly sparse: boolean;
  /** Whether messages are lost, or only doubled and late. */
  readonly network: "quiet" | "doubling" | "lossy";
  /** Those that happen in each life of the run. */
  readonly lives: readonly (readonly Misfortune[])[];
}

/** A replica that was damaged is outvoted only by others, so then there are some. */
export function planOf(seed: number): Plan {
  const random = new Random(seed, 55);
  const parts = 1 + random.below(4);
  const workers = 1 + random.below(Math.min(3, parts));
  const lives = [misfortunes(random, random.below(7)), misfortunes(random, random.below(3)), []].map((life) =>
    life.filter(({ kind }) => kind !== "rotReplica" || workers > 1),
  );
  const rots = lives.flat().some(({ kind }) => kind === "rotReplica");
  const lossy = rots ? "doubling" : "lossy";
  const network = random.uniform() < 0.5 ? lossy : "quiet";
  // Replicas are put right by votes only.
  return { workers, parts, sparse: !rots && random.uniform() < 0.5, network, lives };
}

export function planText({ workers, parts, sparse, network, lives }: Plan): string {
  const texts = lives.map((life) =>
    life.map(({ kind, round, delay }) => `${kind} ${delay.toFixed(1)} ms after round ${round}`).join(", "),
  );
  const marks = sparse ? "few" : "many";
  return `${workers} workers, ${parts} parts, ${marks} triggers, a ${network} network; ${texts.join("; then, resumed, ")}`;
}

/** Some of these kinds, from a seed. */
export function misfortunesOf(seed: number, kinds: readonly Kind[], most: number): Misfortune[] {
  const random = new Random(seed, 56);
  return misfortunes(random, random.below(most + 1), kinds);
}

function misfortunes(random: Random, count: number, kinds: readonly Kind[] = ALL): Misfortune[] {
  return Array.from({ length: count }, () => ({
    kind: kinds[random.below(kinds.length)],
    round: random.below(ROUNDS - 1),
    delay: random.between(0, 30),
  }));
}

/**
 * Lets each of them strike once. Replicas are damaged before all else, and then the others wait until there was a vote:
 * who dies before that takes the evidence along, and no vote can find what only it has done.
 */
export function schedule(scene: Omit<Scene, "random">, plan: readonly Misfortune[], life: number): void {
  const { run, world } = scene;
  const random = new Random(world.seed, 99, life);
  const rots = plan.filter(({ kind }) => kind === "rotReplica");
  const others = plan.filter(({ kind }) => kind !== "rotReplica");
  const strike = (misfortune: Misfortune): void => {
    world.timers.after(misfortune.delay, () => {
      if (!run.told.end && !run.dead) KINDS[misfortune.kind]({ ...scene, random });
    });
  };
  run.told.onProgress = (round) => {
    for (const rot of rots.splice(0)) {
      if (rot.round <= round) KINDS.rotReplica({ ...scene, random });
      else rots.push(rot);
    }
    if (rots.length > 0 || !run.noEvidenceLeft) return;
    for (const other of others.splice(0)) {
      if (other.round <= round) strike(other);
      else others.push(other);
    }
  };
}

/** Two nodes; most of the time one of them is the coordinator. */
function pair(scene: Scene): [string, string] {
  const { random } = scene;
  const worker = anyWorker(scene);
  const [a, b] = random.uniform() < 0.7 ? [worker, "coordinator"] : [worker, "main"];
  return random.uniform() < 0.5 ? [a, b] : [b, a];
}

/** Cuts do not last. */
function healLater({ run, world, random }: Scene): void {
  world.timers.after(random.between(50, 2000), () => run.network.heal());
}
