/** Mailboxes, order, dead letters, questions and timers. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Mailbox, NOTHING } from "../../src/actor/mailbox.js";
import { AskError, type DeadLetter, type Ref } from "../../src/actor/ref.js";
import { ActorSystem } from "../../src/actor/system.js";
import { nodeWorld } from "../../src/world/node/world.js";
import { forever, receiving, smallSystem } from "./small-system.js";

describe("a mailbox", () => {
  it("is a first-in, first-out queue that refuses what is beyond its capacity", () => {
    const steps = fc.array(
      fc.oneof(
        fc.nat().map((item) => ({ item })),
        fc.constant("take" as const),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), steps, (capacity, sequence) => {
        const mailbox = new Mailbox<number>(capacity);
        const model: number[] = [];
        for (const step of sequence) {
          if (step === "take") {
            expect(mailbox.take()).toBe(model.length > 0 ? model.shift() : NOTHING);
          } else {
            expect(mailbox.offer(step.item)).toBe(model.length < capacity);
            if (model.length < capacity) model.push(step.item);
          }
          expect(mailbox.length).toBe(model.length);
        }
      }),
    );
  });
});

describe("messages", () => {
  it("arrive in the order they were sent in, those of before the start too", async () => {
    const { system, settle } = smallSystem();
    const seen: number[] = [];
    const ref = system.spawn<number>("a", async () => {
      await Promise.resolve();
      return { receive: (n) => void seen.push(n) };
    });
    for (let i = 0; i < 100; i++) ref.tell(i);
    await settle();
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it("are taken one at a time, while a promise is pending too", async () => {
    const { system, settle, world } = smallSystem();
    const log: string[] = [];
    const ref = system.spawn<number>(
      "a",
      receiving(async (n) => {
        log.push(`begin ${n}`);
        await new Promise<void>((resolve) => world.timers.after(10, resolve));
        log.push(`end ${n}`);
      }),
    );
    ref.tell(1);
    ref.tell(2);
    await settle(30);
    expect(log).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
  });

  it("are dead letters when no actor is there, or the mailbox is full: the newest one", async () => {
    const { system, settle } = smallSystem();
    const letters: DeadLetter[] = [];
    const unsubscribe = system.deadLetters.subscribe((letter) => letters.push(letter));
    const ref = system.spawn<number>("a", receiving(forever), { mailbox: 2 });
    await settle();
    ref.tell(0);
    await settle();
    for (const n of [1, 2, 3]) ref.tell(n);
    expect(letters).toEqual([{ to: expect.stringMatching(/^local\/a#0\.\d+$/), message: 3, reason: "overflow" }]);
    system.at("/nobody").tell("hello");
    expect(letters[1]).toEqual({ to: "local/nobody", message: "hello", reason: "absent" });
    unsubscribe();
    void system.stop(1);
    await settle(1);
    expect(letters).toHaveLength(2);
    expect(system.deadLetters.count).toBe(4);
  });

  it("leave turns to the real event loop, however many messages there are", async () => {
    const system = new ActorSystem({ world: nodeWorld() });
    let stop = false;
    setTimeout(() => {
      stop = true;
    }, 5);
    await new Promise<void>((resolve) => {
      const echo: Ref<Ref<never>> = system.spawn(
        "echo",
        receiving<Ref<never>>((from) => (stop ? resolve() : (from as Ref<unknown>).tell(0))),
      );
      system.spawn("source", ({ self }) => {
        echo.tell(self);
        return { receive: () => echo.tell(self) };
      });
    });
    await system.stop();
    expect(stop).toBe(true);
  });

  it("reach all of many actors", async () => {
    const system = new ActorSystem({ world: nodeWorld() });
    let received = 0;
    const refs = Array.from({ length: 1000 }, (_, i) =>
      system.spawn<number>(
        `${i}`,
        receiving(() => void received++),
      ),
    );
    for (let n = 0; n < 10; n++) for (const ref of refs) ref.tell(n);
    await system.stop().then(() => expect(received + system.deadLetters.count).toBe(10_000));
  });
});

describe("a question", () => {
  type Question = { readonly n: number; readonly replyTo: Ref<number> };
  const doubler = receiving<Question>(({ n, replyTo }) => replyTo.tell(2 * n));
  const ask = (ref: Ref<Question>, n: number, timeout = 100) => ref.ask<number>((replyTo) => ({ n, replyTo }), timeout);

  it("gets its own answer, and leaves nothing behind", async () => {
    const { system, settle, world } = smallSystem();
    const ref = system.spawn("a", doubler);
    const answers = Promise.all([1, 2, 3].map((n) => ask(ref, n)));
    await settle();
    expect(await answers).toEqual([2, 4, 6]);
    expect(world.time.pending).toBe(0);
  });

  it("fails when its time is up, or as soon as the actor has ended", async () => {
    const { system, settle, world } = smallSystem();
    const silent = system.spawn<Question>(
      "silent",
      receiving(() => undefined),
      { restart: "temporary" },
    );
    const broken = system.spawn<Question>(
      "broken",
      receiving(() => {
        throw new Error("broken");
      }),
    );
    const questions = Promise.allSettled([ask(silent, 1, 50), ask(broken, 1), ask(system.at("/nobody"), 1)]);
    await settle();
    expect(world.time.pending).toBe(1);
    await settle(50);
    const reasons = (await questions).map((result) => result.status === "rejected" && result.reason);
    expect(reasons.every((reason) => reason instanceof AskError)).toBe(true);
    expect(reasons.map(({ message }) => message)).toEqual([
      "no answer from local/silent: 50 ms went by; allow more time, or find out what blocks it",
      "no answer from local/broken: it has ended (failed: broken)",
      "no answer from local/nobody: it has ended (absent)",
    ]);
    expect(reasons.map(({ cause }) => cause)).toEqual([undefined, new Error("broken"), undefined]);
  });

  it("waits five seconds by default, or as long as the actor lives", async () => {
    const { system, settle, world } = smallSystem();
    const ref = system.spawn<Question>(
      "silent",
      receiving(() => undefined),
    );
    const ended: string[] = [];
    const note = (error: Error): void => void ended.push(error.message);
    void ref.ask<number>((replyTo) => ({ n: 1, replyTo })).catch(note);
    void ask(ref, 1, Number.POSITIVE_INFINITY).catch(note);
    await settle(4999);
    expect(ended).toEqual([]);
    await settle(1);
    expect(ended).toEqual([expect.stringMatching("5000 ms went by")]);
    await settle(1e12);
    expect(ended).toHaveLength(1);
    void system.stop();
    await settle();
    expect(ended[1]).toMatch("it has ended (stopped)");
    await expect(ask(ref, 1, Number.NaN)).rejects.toThrow("ask waits for NaN ms: give a time above 0");
    await expect(ask(ref, 1, -1)).rejects.toThrow("ask waits for -1 ms");
    expect(world.time.pending).toBe(0);
  });

  it("quotes a failure in one line of bounded length", async () => {
    const { system, settle } = smallSystem();
    const broken = system.spawn<Question>(
      "broken",
      receiving(() => {
        throw new Error(`${"x".repeat(999)}\nand more`);
      }),
    );
    const failure = ask(broken, 1).catch(({ message }) => message);
    await settle();
    expect(await failure).toBe(`no answer from local/broken: it has ended (failed: ${"x".repeat(200)}...)`);
  });

  it("takes the first answer; later ones are dead letters", async () => {
    const { system, settle } = smallSystem();
    const letters: DeadLetter[] = [];
    system.deadLetters.subscribe((letter) => letters.push(letter));
    const twice = receiving<Question>(({ n, replyTo }) => {
      replyTo.tell(n);
      replyTo.tell(n + 1);
    });
    const answer = ask(system.spawn("a", twice), 7);
    await settle();
    expect(await answer).toBe(7);
    expect(letters).toEqual([{ to: "local/answered", message: 8, reason: "absent" }]);
  });
});

describe("timers", () => {
  it("tell once or again and again, never after they were cancelled, and end with the actor", async () => {
    const { system, settle, world } = smallSystem();
    const seen: string[] = [];
    const note = (what: string): void => void seen.push(`${what} at ${world.clock.now()}`);
    let cancel = (): void => undefined;
    system.spawn<string>("a", (context) => {
      context.after(5, "once");
      context.every(10, "again");
      cancel = context.after(40, "never");
      context.after(1000, "much later");
      return { receive: note };
    });
    await settle(35);
    cancel();
    await settle(10);
    expect(seen).toEqual(["once at 5", "again at 10", "again at 20", "again at 30", "again at 40"]);
    void system.stop();
    await settle();
    expect(world.time.pending).toBe(0);
  });

  it("cancelled when the message is in the mailbox already, do not deliver it", async () => {
    const { system, settle } = smallSystem();
    const seen: string[] = [];
    let release = (): void => undefined;
    let cancel = (): void => undefined;
    const ref = system.spawn<string>("a", (context) => {
      cancel = context.after(5, "timer");
      return {
        receive: (message) => {
          seen.push(message);
          return new Promise<void>((resolve) => {
            release = resolve;
          });
        },
      };
    });
    ref.tell("busy");
    await settle(10);
    cancel();
    release();
    await settle();
    expect(seen).toEqual(["busy"]);
  });
});
