/** Every failure is reported, whatever the supervisor decides about it. */
import { afterEach, expect, it, vi } from "vitest";
import type { Failure } from "../../src/actor/failure.js";
import { ActorSystem } from "../../src/actor/system.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { receiving } from "./small-system.js";

afterEach(() => void vi.restoreAllMocks());

const broken = receiving(() => {
  throw new Error("broken");
});

it("is printed to stderr by default, also when the actor is restarted", async () => {
  const print = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const world = new SimulatedWorld();
  const system = new ActorSystem({ world, node: "here" });
  const ref = system.spawn<string>("a", broken);
  ref.tell("x");
  await world.time.advance(1);
  ref.tell("y");
  await world.time.advance(1);
  expect(print.mock.calls).toEqual([
    ["actor here/a failed:", new Error("broken")],
    ["actor here/a failed:", new Error("broken")],
  ]);
  expect(system.paths).toContain("/a");
});

it("goes to onFailure instead, if the system has one; an orderly end is no failure", async () => {
  const print = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const failures: Failure[] = [];
  const world = new SimulatedWorld();
  const system = new ActorSystem({ world, onFailure: (failure) => failures.push(failure) });
  system.spawn(
    "starts-badly",
    () => {
      throw new TypeError("at the start");
    },
    { restart: "temporary" },
  );
  const ends = system.spawn<string>("ends-badly", () => ({
    receive: () => undefined,
    ended: () => {
      throw new RangeError("at the end");
    },
  }));
  ends.tell("x");
  await world.time.advance(1);
  void system.stop();
  await world.time.advance(1);
  expect(failures.map(({ actor, error }) => [actor, String(error)])).toEqual([
    ["local/starts-badly", "TypeError: at the start"],
    ["local/ends-badly", "RangeError: at the end"],
  ]);
  expect(print).not.toHaveBeenCalled();
});

it.each([
  [{ onFailures: 1 }, 'options of ActorSystem: unknown key "onFailures": did you mean "onFailure"?'],
  [{ supervision: { strategie: "one-for-one" } }, 'supervision: unknown key "strategie": did you mean "strategy"?'],
])("options that nothing reads are refused: %j", (options, message) => {
  expect(() => new ActorSystem({ world: new SimulatedWorld(), ...(options as object) })).toThrow(message);
});
