/** Supervision does what OTP prescribes, for random trees, events and interleavings. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Context, Start } from "../../src/actor/behavior.js";
import type { Supervision } from "../../src/actor/supervision.js";
import { ActorSystem } from "../../src/actor/system.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { Otp, type Spec } from "./otp.js";

const PERIOD = 2500;
/** Milliseconds between two events: long enough for every deadline of the first. */
const STEP = 1000;
const DEADLINE = 10;

type Order = "fail" | "fail later" | "finish" | { readonly stop: string };

const options = ({ restart, brutal }: Spec) => ({ restart, shutdown: brutal ? 0 : DEADLINE });
const supervision = ({ strategy, intensity }: Spec): Supervision => ({ strategy, intensity, period: PERIOD });

const actor =
  (spec: Spec): Start<Order> =>
  (context) => {
    context.supervise(supervision(spec));
    for (const child of spec.children) {
      context.spawn(child.name, actor(child), options(child));
    }
    return {
      receive: (order) => obey(context, order),
      ended: () => (spec.hangs ? new Promise<void>(() => undefined) : undefined),
    };
  };

async function obey(context: Context<Order>, order: Order): Promise<void> {
  if (order === "finish") {
    context.stop();
  } else if (order === "fail later") {
    await Promise.resolve();
    throw new Error("failed later");
  } else if (order === "fail") {
    throw new Error("failed");
  } else {
    context.stop(context.system.at(order.stop));
  }
}

const spec = (depth: number): fc.Arbitrary<Omit<Spec, "name">> =>
  fc.record({
    restart: fc.constantFrom("permanent" as const, "transient" as const, "temporary" as const),
    hangs: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    brutal: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    strategy: fc.constantFrom("one-for-one" as const, "one-for-all" as const, "rest-for-one" as const),
    intensity: fc.integer({ min: 0, max: 3 }),
    children: depth === 0 ? fc.constant([]) : fc.array(spec(depth - 1), { maxLength: 4 }).map(named),
  });

const named = (specs: readonly Omit<Spec, "name">[]): Spec[] => specs.map((one, i) => ({ ...one, name: `${i}` }));

/** The root. No parent ends it, so it can neither hang at its end nor be killed. */
const root = spec(3).map((one): Spec => ({ ...one, name: "", hangs: false, brutal: false }));

const events = fc.array(
  fc.record({
    kind: fc.constantFrom("fail" as const, "fail later" as const, "finish" as const, "stop" as const),
    target: fc.nat(),
    pause: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 12 },
);

describe("supervision", () => {
  it("starts, restarts, gives up and ends the same children as OTP, in the same order", async () => {
    await fc.assert(
      fc.asyncProperty(root, events, fc.nat(), async (rootSpec, happenings, seed) => {
        const world = new SimulatedWorld(seed);
        const system = new ActorSystem({ world, supervision: supervision(rootSpec), onFailure: () => undefined });
        const trace: string[] = [];
        system.events.subscribe((event) => {
          if (event.event === "started" && event.path !== "") trace.push(`started ${event.path}`);
          if (event.event === "ended") trace.push(`ended ${event.path} ${event.reason}`);
        });
        for (const child of rootSpec.children) {
          system.spawn(child.name, actor(child), options(child));
        }
        await world.time.advance(STEP);
        const model = new Otp(rootSpec, PERIOD);
        for (const { kind, target, pause } of happenings) {
          expect(trace).toEqual(model.trace);
          const others = model.nodes.slice(1);
          const node = others[target % others.length];
          if (!node) break;
          const above = node.parent?.path ?? "";
          if (kind !== "stop") {
            system.at<Order>(node.path).tell(kind);
            model.leave(node, kind === "finish" ? "finished" : "failed", world.clock.now());
          } else if (above !== "") {
            system.at<Order>(above).tell({ stop: node.path });
            model.stop(node);
          }
          await world.time.advance(pause * STEP);
        }
        expect(trace).toEqual(model.trace);
        expect(system.paths.toSorted()).toEqual(model.isOver ? [] : model.nodes.map(({ path }) => path).sort());
        if (!model.isOver) {
          void system.stop();
          model.stop(model.root);
          await world.time.advance(STEP);
          expect(trace).toEqual(model.trace);
        }
        expect(world.time.pending).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});
