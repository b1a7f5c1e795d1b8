/** Random faults for a simulated run, of all kinds, from a seed. */
import { MODEL_FILE } from "../../src/checkpoint/checkpoint.js";
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import type { SimulatedRun } from "./simulated-run.js";
import { ROUNDS } from "./small-training.js";

/** The parts of the simulated run on which a fault can act. */
interface Scene {
  readonly run: SimulatedRun;
  readonly world: SimulatedWorld;
  readonly workers: number;
  readonly random: Random;
}

const anyWorker = ({ random, workers }: Scene): string => `worker-${random.below(workers)}`;

/** The faults that can happen, and how each is done. */
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
  /** The device of a worker hangs, but its node lives. */
  stickWorker: (scene) => scene.run.sabotage.plan("stick", anyWorker(scene)),
  loseDevice: ({ run, random, workers }) => run.cluster.lose(random.below(workers)),
  flipBit: ({ run, random, workers }) => run.cluster.corrupt(random.below(workers), "flip"),
  spoilGradient: ({ run, random, workers }) => run.cluster.corrupt(random.below(workers), "spoil"),
  /** Flips bits of the parameters, in one replica or two. */
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
      // By then the checkpoint may have been removed as an old one, or the power may be off.
      const tear = random.uniform() < 0.5 ? world.disk.flipBit.bind(world.disk) : world.disk.truncate.bind(world.disk);
      tear(`${path}/${MODEL_FILE}`, random.below(500));
    };
  },
  joinWorkers: ({ run, random }) => run.cluster.join(1 + random.below(2)),
  leaveWorker: ({ run, random, workers }) => run.cluster.leave(random.below(workers)),
  /** Stops the run, as Ctrl-C does. The next life does the rest. */
  stop: ({ run }) => run.cluster.stop(),
  /** The disk loses power at some step, and then the whole run is killed. */
  killAll: ({ run, world, random }) => {
    world.disk.powerOffAfter(random.below(20));
    world.timers.after(random.between(0, 200), () => {
      if (!run.told.end) run.killAll();
    });
  },
} satisfies Record<string, (scene: Scene) => void>;

export type Kind = keyof typeof KINDS;

/** Those of a run that has workers that join and leave. */
const ELASTIC: readonly Kind[] = ["joinWorkers", "leaveWorker"];
const ALL = (Object.keys(KINDS) as Kind[]).filter((kind) => !ELASTIC.includes(kind));

export interface Misfortune {
  readonly kind: Kind;
  /** A fault happens after this round has been committed, */
  readonly round: number;
  /** and this many milliseconds later. */
  readonly delay: number;
}

export interface Plan {
  readonly workers: number;
  readonly parts: number;
  /** Whether triggers are far apart, so that leases are long. */
  readonly sparse: boolean;
  /** Whether messages get lost. Otherwise they are only delayed or arrive twice. */
  readonly network: "quiet" | "doubling" | "lossy";
  /** For each life of the run, the faults that happen in it. */
  readonly lives: readonly (readonly Misfortune[])[];
}

/** Only other replicas can outvote a damaged one, so a plan with one worker damages none. */
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
  // Only a vote repairs a damaged replica.
  return { workers, parts, sparse: !rots && random.uniform() < 0.5, network, lives };
}

export function planText({ workers, parts, sparse, network, lives }: Plan): string {
  const texts = lives.map((life) =>
    life.map(({ kind, round, delay }) => `${kind} ${delay.toFixed(1)} ms after round ${round}`).join(", "),
  );
  const marks = sparse ? "few" : "many";
  return `${workers} workers, ${parts} parts, ${marks} triggers, a ${network} network; ${texts.join("; then, resumed, ")}`;
}

/** Draws faults of these kinds from a seed. */
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
 * Lets each fault happen once. Damage to replicas comes first, and the other faults wait for the next vote. If a worker died
 * before the vote, no vote could find the damage that was in its memory only.
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

/** Draws two nodes. Most of the time one of them is the coordinator. */
function pair(scene: Scene): [string, string] {
  const { random } = scene;
  const worker = anyWorker(scene);
  const [a, b] = random.uniform() < 0.7 ? [worker, "coordinator"] : [worker, "main"];
  return random.uniform() < 0.5 ? [a, b] : [b, a];
}

/** Mends a link that was cut, after a while. */
function healLater({ run, world, random }: Scene): void {
  world.timers.after(random.between(50, 2000), () => run.network.heal());
}
