import { expect, test } from "vitest";
import { ActorSystem } from "../../../src/actor/system.js";
import { explain, processSupervisor } from "../../../src/cluster/supervision/process-supervisor.js";
import type { Exit, NodeSpec } from "../../../src/transport/host.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";

test.each([
  [{ signal: "SIGKILL" }, "its process was killed (SIGKILL)"],
  [{ code: 1 }, "its process ended by itself (exit code 1)"],
  [{ code: 1, reason: "no device" }, "its process ended by itself (exit code 1): no device"],
])("the exit %j is explained as: %s", (exit, why) => {
  expect(explain(exit)).toBe(why);
});

/** A node whose processes live for 4 s each and end in this way: its fate, and the number of its processes in three minutes. */
async function livesOf(exitOf: (life: number) => Exit): Promise<{ readonly lives: number; readonly error?: string }> {
  const world = new SimulatedWorld(1);
  let lives = 0;
  let error: string | undefined;
  const system = new ActorSystem({
    ...{ world, supervision: { intensity: 0 }, onFailure: () => undefined },
    onRootFailure: (failure) => {
      error = ((failure as Error).cause as Error).message;
    },
  });
  const start = (spec: NodeSpec) => {
    const exit = exitOf(lives++);
    const exited = new Promise<Exit>((resolve) => world.timers.after(4000, () => resolve(exit)));
    return { spec, exited, kill: () => undefined, suspend: () => undefined, resume: () => undefined };
  };
  system.spawn(
    "a",
    processSupervisor({
      ...{ host: { start }, restartPause: 100, onStart: () => undefined, onExit: (_, why) => why },
      spec: () => ({ name: "a", incarnation: lives + 1, task: undefined }),
    }),
  );
  await world.time.advance(180_000);
  return { lives, error };
}

test("a node whose slow processes end for one reason is given up, with the reason", async () => {
  const { lives, error } = await livesOf(() => ({ code: 1, reason: "no such device" }));
  expect({ lives, error }).toEqual({
    lives: 5,
    error: "a: its process ended by itself (exit code 1): no such device",
  });
});

test.each<[string, (life: number) => Exit]>([
  ["is killed", () => ({ signal: "SIGKILL" })],
  ["ends for several reasons", (life) => ({ code: 1, reason: `reason ${life % 3}` })],
])("a node that %s now and then is not", async (_, exitOf) => {
  const { lives, error } = await livesOf(exitOf);
  expect(error).toBeUndefined();
  expect(lives).toBeGreaterThan(30);
});
