/**
 * Runs a scenario under many seeds, each in a simulated world of its own. An error names its seed, and that seed alone
 * replays it exactly.
 */
import { SimulatedWorld } from "./world.js";

/** The message names the seed; the `cause` is the error itself. */
export class SeedError extends Error {
  override name = "SeedError";
  readonly seed: number;

  /** As `Error`: the seed that failed, and its error as the cause. */
  constructor(seed: number, cause: unknown) {
    const what = cause instanceof Error ? cause.message : String(cause);
    super(`seed ${seed} fails (replay it alone with { first: ${seed}, seeds: 1 }): ${what}`, { cause });
    this.seed = seed;
  }
}

/** What is simulated for each seed. */
export interface Simulation {
  /** Number of seeds. */
  readonly seeds: number;
  /** The first seed; default 0. */
  readonly first?: number;
}

/**
 * Runs a scenario in a fresh simulated world for each of many seeds.
 * @throws SeedError for the first seed under which `scenario` rejects
 * @example
 * ```ts
 * import { ActorSystem, simulate } from "dawnpour/actors";
 *
 * let seconds = 0;
 * await simulate({ seeds: 3 }, async (world) => {
 *   const system = new ActorSystem({ world });
 *   await world.time.advance(60_000);
 *   seconds = world.clock.now() / 1000;
 *   await system.stop();
 * });
 * console.log(seconds); // 60
 * ```
 */
export async function simulate(
  { seeds, first = 0 }: Simulation,
  scenario: (world: SimulatedWorld) => Promise<void>,
): Promise<void> {
  for (let seed = first; seed < first + seeds; seed++) {
    try {
      await scenario(new SimulatedWorld(seed));
    } catch (error) {
      throw new SeedError(seed, error);
    }
  }
}
