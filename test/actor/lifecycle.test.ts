/** How actors start, fail, are watched and end, as far as the model of OTP (`otp.ts`) does not cover it. */
import { describe, expect, it } from "vitest";
import type { Context, Start, Terminated } from "../../src/actor/behavior.js";
import type { Ref } from "../../src/actor/ref.js";
import { EscalationError, pause, supervisor } from "../../src/actor/supervision.js";
import type { ActorSystem } from "../../src/actor/system.js";
import { UsageError } from "../../src/error.js";
import { Random } from "../../src/world/random.js";
import { forever, receiving, smallSystem } from "./small-system.js";

const failing = receiving<unknown>(() => {
  throw new Error("failed");
});

/** An actor whose messages are functions. It calls each with its context. */
function puppet<M = never>(system: ActorSystem, name: string, signals: Terminated[] = []) {
  return system.spawn<(context: Context<M>) => void>(name, (context) => ({
    receive: (act) => act(context as Context<never>),
    terminated: (signal) => void signals.push(signal),
  }));
}

describe("watching", () => {
  it("tells once of each end, of one dead already too, and after the last message", async () => {
    const { system, settle } = smallSystem();
    const seen: string[] = [];
    const watched = system.spawn<Ref<string>>("watched", (context) => ({
      receive: (replyTo) => {
        replyTo.tell("last words");
        context.stop();
      },
    }));
    system.spawn<string>("watcher", (context) => {
      context.watch(watched);
      context.watch(watched);
      watched.tell(context.self);
      return {
        receive: (message) => void seen.push(message),
        terminated: ({ ref, reason }) => {
          seen.push(`${ref} ${reason}`);
          if (seen.length < 4) context.watch(watched);
        },
      };
    });
    await settle();
    expect(seen).toEqual(["last words", "local/watched finished", "local/watched absent", "local/watched absent"]);
  });

  it("is over with unwatch, even when the signal is in the mailbox", async () => {
    const { system, settle } = smallSystem();
    const signals: Terminated[] = [];
    const watched = system.spawn("watched", failing, { restart: "temporary" });
    const watcher = puppet(system, "watcher", signals);
    let release = (): void => undefined;
    watcher.tell((context) => context.watch(watched));
    watcher.tell(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    watcher.tell((context) => context.unwatch(watched));
    await settle();
    watched.tell(0);
    await settle();
    release();
    await settle();
    expect(signals).toEqual([]);
  });

  it("without a handler is a failure of the watcher", async () => {
    const { system, settle, trace } = smallSystem();
    system.spawn(
      "watcher",
      (context) => {
        context.watch(context.system.at("/nobody"));
        return { receive: () => undefined };
      },
      { restart: "temporary" },
    );
    const ending = new Promise((resolve) => system.at("/watcher").onEnd(resolve));
    await settle();
    expect(trace.at(-1)).toBe("ended (failed) /watcher");
    expect(await ending).toMatchObject({
      error: { message: 'local/nobody has ended (absent), and its watcher has no "terminated"; add one' },
    });
  });
});

describe("a ref", () => {
  it("to a place is good across restarts, one to an incarnation is not", async () => {
    const { system, settle } = smallSystem();
    const seen: string[] = [];
    let first: Ref<string> | undefined;
    const place = system.spawn<string>("a", ({ self }) => {
      first ??= self;
      return {
        receive: (message) => {
          if (message === "fail") throw new Error("failed");
          seen.push(`${message} by ${self}`);
        },
      };
    });
    await settle();
    place.tell("one");
    place.tell("fail");
    await settle();
    place.tell("two");
    first?.tell("three");
    await settle();
    expect(seen).toEqual(["one by local/a#0.2", "two by local/a#0.3"]);
    expect(system.deadLetters.count).toBe(1);
  });
});

describe("restarts", () => {
  it("wait for a pause that doubles, with jitter from the seed, and mail waits meanwhile", async () => {
    const backoff = { least: 100, most: 300, jitter: 0.5 };
    const delays = (seed: number) => [1, 2, 3, 4].map((count) => pause(backoff, count, new Random(seed)));
    expect(delays(1)).toEqual(delays(1));
    expect(delays(1)).not.toEqual(delays(2));
    for (const [i, base] of [100, 200, 300, 300].entries()) {
      expect(delays(3)[i]).toBeGreaterThanOrEqual(base);
      expect(delays(3)[i]).toBeLessThan(1.5 * base);
    }
    const { system, settle, trace } = smallSystem({ supervision: { backoff: { ...backoff, jitter: 0 } } });
    const seen: string[] = [];
    const ref = system.spawn<string>(
      "a",
      receiving((message) => {
        if (message === "fail") throw new Error("failed");
        seen.push(message);
      }),
    );
    ref.tell("fail");
    await settle(99);
    ref.tell("hello");
    await settle();
    expect(trace.at(-1)).toBe("restarting /a");
    await settle(1);
    expect(seen).toEqual(["hello"]);
    ref.tell("fail");
    await settle(199);
    expect(trace.at(-1)).toBe("restarting /a");
    await settle(1);
    expect(trace.at(-1)).toBe("started /a");
  });

  it("that are delayed also delay the siblings after them, unless children are independent", async () => {
    for (const [strategy, last] of [
      ["one-for-one", "started /b"],
      ["rest-for-one", "restarting /a"],
    ] as const) {
      const backoff = { least: 100, most: 100, jitter: 0 };
      const { system, settle, trace } = smallSystem({ supervision: { strategy, backoff } });
      system.spawn("a", failing).tell(0);
      await settle(50);
      system.spawn("b", failing);
      await settle();
      expect(trace.at(-1)).toBe(last);
      await settle(50);
      expect(trace).toContain("started /b");
    }
  });

  it("too many of them reach the root, which tells its hook and ends the system", async () => {
    const errors: unknown[] = [];
    const { system, settle, trace } = smallSystem({
      supervision: { intensity: 0 },
      onRootFailure: (error) => errors.push(error),
    });
    system.spawn("tree", supervisor({ intensity: 1, period: 1000 }, [{ name: "leaf", start: failing }]));
    await settle();
    system.at("/tree/leaf").tell(0 as never);
    await settle(500);
    system.at("/tree/leaf").tell(0 as never);
    await settle();
    expect(trace.slice(-2)).toEqual(["ended (failed) /tree/leaf", "ended (failed) /tree"]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(EscalationError);
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(/^\/tree ended \(failed: .*\), restart 1 in 5000 ms: its parent allows 0; raise/),
      cause: {
        message:
          "/tree/leaf ended (failed: failed), restart 2 in 1000 ms: its parent allows 1; " +
          "raise the intensity, or find out what fails",
        cause: { message: "failed" },
      },
    });
    expect(await system.ended).toEqual({ reason: "failed", error: errors[0] });
    expect(() => system.spawn("late", failing)).toThrow("the actor system has ended");
  });
});

describe("the start", () => {
  it("is over when all have started, with their children, one after the other; or when the system has ended", async () => {
    const { system, settle, trace, world } = smallSystem();
    let up = false;
    const slow: Start<never> = async () => {
      await new Promise<void>((resolve) => world.timers.after(10, resolve));
      return { receive: () => undefined };
    };
    const children = ["x", "y"].map((name) => ({ name, start: slow }));
    system.spawn("a", supervisor({}, children));
    system.spawn("b", slow);
    void system.started().then(() => {
      up = true;
    });
    await settle(29);
    expect(up).toBe(false);
    expect(trace).toEqual(["started /a", "started /a/x", "started /a/y"]);
    await settle(1);
    expect(up).toBe(true);
    await system.started();
    system.spawn("c", slow);
    const [started] = [system.started(), system.stop(0)];
    await settle(0);
    await started;
  });
});

describe("the end", () => {
  it("completes the current message, then ends the children, then calls ended", async () => {
    const { system, settle, world } = smallSystem();
    const log: string[] = [];
    const wait = (milliseconds: number) => new Promise<void>((resolve) => world.timers.after(milliseconds, resolve));
    const parent = system.spawn<string>("parent", (context) => {
      context.signal.addEventListener("abort", () => log.push("aborted"));
      context.spawn("child", () => ({
        receive: () => undefined,
        ended: ({ reason }) => void log.push(`child ${reason}`),
      }));
      return {
        receive: async (message) => {
          await wait(20);
          log.push(message);
        },
        ended: async ({ reason }) => {
          await wait(20);
          log.push(`parent ${reason}`);
        },
      };
    });
    parent.tell("message in hand");
    parent.tell("message too late");
    await settle(10);
    void system.stop();
    await settle(100);
    expect(log).toEqual(["aborted", "message in hand", "child stopped", "parent stopped"]);
    expect(await system.ended).toEqual({ reason: "stopped" });
    expect(world.clock.now()).toBe(110);
  });

  it("calls ended of a behavior that was still starting", async () => {
    const { system, settle, world } = smallSystem();
    const log: string[] = [];
    system.spawn("a", async () => {
      await new Promise<void>((resolve) => world.timers.after(10, resolve));
      log.push("opened");
      return { receive: () => undefined, ended: () => void log.push("closed") };
    });
    await settle(5);
    void system.stop();
    await settle(5);
    expect(log).toEqual(["opened", "closed"]);
  });

  it("kills an actor that hangs at its deadline, and all actors at the deadline of the system", async () => {
    const { system, settle, trace, world } = smallSystem();
    const hanging = { receive: () => undefined, ended: forever };
    system.spawn("a", () => hanging, { shutdown: 100 });
    system.spawn("b", () => hanging, { shutdown: Number.POSITIVE_INFINITY });
    system.spawn("c", receiving(forever), { shutdown: 30 }).tell(0);
    await settle();
    void system.stop(500);
    await settle(29);
    expect(trace.filter((line) => line.startsWith("ended"))).toEqual([]);
    await settle(1);
    expect(trace.at(-1)).toBe("ended (killed) /c");
    await settle(469);
    expect(trace.at(-1)).toBe("ended (killed) /c");
    await settle(1);
    expect(trace.slice(-2)).toEqual(["ended (killed) /b", "ended (killed) /a"]);
    expect(await system.ended).toEqual({ reason: "killed" });
    expect(world.time.pending).toBe(0);
  });

  it("lets code that was abandoned change nothing any more", async () => {
    const { system, settle, world, trace } = smallSystem();
    let error: unknown;
    const zombie = system.spawn<number>(
      "a",
      (context) => ({
        receive: async () => {
          await new Promise<void>((resolve) => world.timers.after(1000, resolve));
          context.after(1, 0);
          context.watch(context.self);
          try {
            context.spawn("child", failing);
          } catch (caught) {
            error = caught;
          }
          throw new Error("nobody hears this");
        },
      }),
      { shutdown: 10 },
    );
    zombie.tell(0);
    await settle();
    void system.stop();
    await settle(2000);
    expect(error).toBeInstanceOf(UsageError);
    expect(trace).toEqual(["started /a", "ended (killed) /a"]);
    expect(world.time.pending).toBe(0);
  });
});

describe("bad input", () => {
  it("is refused with the rule", async () => {
    const { system, settle } = smallSystem();
    const spawn =
      (name: string, options = {}) =>
      () =>
        system.spawn(name, failing, options);
    expect(spawn("a/b")).toThrow('an actor cannot be named "a/b": use a name without "/", "#" and spaces');
    expect(spawn("a", { restart: "permanant" })).toThrow('unknown restart "permanant": did you mean "permanent"?');
    expect(spawn("a", { shutdown: -1 })).toThrow("shutdown is -1: it must be at least 0");
    expect(spawn("a", { mailbox: Number.NaN })).toThrow("mailbox is NaN: it must be at least 1");
    spawn("a")();
    expect(spawn("a")).toThrow("/a is there already: use another name, or stop that one first");
    expect(() => smallSystem({ supervision: { period: 0 } })).toThrow("period is 0: it must be at least 1");
    expect(() => smallSystem({ supervision: { backoff: { least: 5, most: 1, jitter: 0 } } })).toThrow(
      "backoff.most is 1: it must be at least 5",
    );
    let error: unknown;
    const meddler = puppet(system, "meddler");
    await settle();
    meddler.tell((context) => {
      try {
        context.stop(system.at("/a"));
      } catch (caught) {
        error = caught;
      }
    });
    await settle();
    expect(error).toMatchObject({ message: "/meddler cannot stop local/a: only the parent can" });
  });
});
