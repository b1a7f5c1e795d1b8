/** Nodes in real processes of their own: their messages, their ends, and that nothing is left behind. */
import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Ending, Ref } from "../../../src/actor/ref.js";
import { ActorSystem } from "../../../src/actor/system.js";
import type { HostedNode, NodeSpec } from "../../../src/transport/host.js";
import { Node } from "../../../src/transport/node.js";
import { joinParent } from "../../../src/transport/process/child.js";
import { ProcessHost } from "../../../src/transport/process/host.js";
import { createSharedMemory, type SharedMemory } from "../../../src/transport/process/shared-memory.js";
import { nodeWorld } from "../../../src/world/node/world.js";

const ENTRY = new URL("./node.mjs", import.meta.url);
const FLOATS = 1000;
/** A timeout in milliseconds that is only reached if something hangs. */
const LONG = 60_000;

type Order = { readonly kind: string; readonly replyTo?: Ref<never>; readonly [more: string]: unknown };

/** A host, and a node `main` in this process, where children say when they are ready. */
class Parent {
  readonly memory: SharedMemory = createSharedMemory(4 * FLOATS);
  readonly host = new ProcessHost({ entry: ENTRY, memory: [this.memory], execArgv: [] });
  readonly system = new ActorSystem({ world: nodeWorld(), node: "main", incarnation: 1 });
  readonly node = new Node(this.system, this.host.join("main"), { heartbeat: 50, timeout: 500 });
  readonly #ready = new Map<string, () => void>();

  constructor() {
    this.system.spawn<string>("ready", () => ({ receive: (name) => this.#ready.get(name)?.() }));
  }

  /** Resolves when the node has started. */
  async start(name: string, more: Partial<NodeSpec> = {}): Promise<HostedNode> {
    const ready = new Promise<void>((resolve) => this.#ready.set(name, resolve));
    const hosted = this.host.start({ name, incarnation: 1, task: undefined, ...more });
    await ready;
    return hosted;
  }

  tell(name: string, order: Order): void {
    this.node.at<Order>(name, "/server").tell(order);
  }

  ask<T>(name: string, kind: string, more: object = {}, timeout = LONG): Promise<T> {
    return this.node.at<Order>(name, "/server").ask<T>((replyTo) => ({ kind, ...more, replyTo }) as Order, timeout);
  }

  /** All messages to /listener of this node. */
  listen<T>(): T[] {
    const heard: T[] = [];
    this.system.spawn<T>("listener", () => ({ receive: (message) => void heard.push(message) }));
    return heard;
  }

  async close(): Promise<void> {
    this.node.close();
    await this.system.stop();
    await this.host.closeAll();
    this.memory.close();
  }
}

let parent: Parent;
beforeEach(() => {
  parent = new Parent();
});
afterEach(() => parent.close());

describe("nodes in processes", () => {
  it("know what they are to do, and are asked like any actor", async () => {
    const task = { layers: [784, 10], rate: 0.1, big: 2n ** 60n };
    const spec = { name: "a", incarnation: 7, task, environment: { DAWNPOUR_TEST_VARIABLE: "set" } };
    const hosted = await parent.start("a", spec);
    expect(hosted.spec).toEqual(spec);
    expect(hosted.pid).toBeGreaterThan(0);
    // The processes that a node starts are not nodes.
    expect(await parent.ask("a", "describe", { variable: "DAWNPOUR_TEST_VARIABLE" })).toEqual({
      spec,
      variable: "set",
      channel: undefined,
    });
  });

  it("speak to one another through the parent, in order", async () => {
    await Promise.all([parent.start("a"), parent.start("b")]);
    const answers = Array.from({ length: 100 }, (_, value) => parent.ask("a", "pass", { to: "b", value }));
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 100 }, (_, value) => value));
    parent.tell("a", { kind: "send", to: "b", count: 5000 });
    await vi.waitFor(async () => expect(await parent.ask<number[]>("b", "seen")).toHaveLength(5000), LONG);
    expect(await parent.ask("b", "seen")).toEqual(Array.from({ length: 5000 }, (_, value) => value));
  });

  it("send messages of any size, cut up by the pipe as it may be", async () => {
    await parent.start("a");
    for (const bytes of [0, 1, 65_500, 65_536, 200_001, 5_000_000]) {
      const value = Uint8Array.from({ length: bytes }, (_, i) => (i * i) % 251);
      const answer = await parent.ask<Uint8Array>("a", "echo", { value });
      expect(Buffer.compare(answer, value)).toBe(0);
    }
  });

  it("drop what goes to a node that is not there", async () => {
    await parent.start("a");
    parent.tell("a", { kind: "send", to: "nobody", count: 3 });
    parent.tell("nobody", { kind: "note", value: 1 });
    expect(await parent.ask("a", "echo", { value: 1 })).toBe(1);
  });

  it("see the same shared memory as this process", async () => {
    await Promise.all([parent.start("a"), parent.start("b")]);
    const vector = new Float32Array(parent.memory.buffer);
    expect(await parent.ask("a", "fill", { value: 0.5 })).toBe(1);
    expect(await parent.ask("b", "total")).toBe(0.5 * FLOATS);
    expect(vector.every((value) => value === 0.5)).toBe(true);
    vector[0] = 100.5;
    expect(await parent.ask("b", "total")).toBe(0.5 * FLOATS + 100);
  });
});

describe("a node that ends", () => {
  it("is killed: its watchers here and elsewhere are told", async () => {
    const [a] = await Promise.all([parent.start("a"), parent.start("b")]);
    const endings: Ending[] = [];
    parent.system.spawn("watcher", (context) => {
      context.watch(parent.node.at("a", "/server"));
      return { receive: () => undefined, terminated: (ending) => void endings.push(ending) };
    });
    const seenByB = parent.ask<string>("b", "observe", { to: "a" });
    await parent.ask("a", "echo", { value: 1 });
    a.kill();
    expect(await a.exited).toEqual({ signal: "SIGKILL" });
    expect(await seenByB).toBe("unreachable");
    await vi.waitFor(() => expect(endings).toMatchObject([{ reason: "unreachable" }]), LONG);
    // A second call is allowed.
    a.kill();
    a.suspend();
  });

  it("is killed, and does not end by itself first, even if this process is slow to kill it", async () => {
    const a = await parent.start("a");
    const { kill } = ChildProcess.prototype;
    const slowly = vi.spyOn(ChildProcess.prototype, "kill").mockImplementation(function (this: ChildProcess, signal) {
      standStill(500);
      return kill.call(this, signal);
    });
    try {
      a.kill();
    } finally {
      slowly.mockRestore();
    }
    expect(await a.exited).toEqual({ signal: "SIGKILL" });
  });

  it("ends by itself: its last words arrive before its exit is known", async () => {
    const a = await parent.start("a");
    const words = parent.ask<string>("a", "exit", { code: 3 });
    let said: string | undefined;
    words.then((text) => {
      said = text;
    });
    // The answer and the end of the process are both waiting when this process next looks.
    await new Promise(setImmediate);
    standStill(500);
    expect(await a.exited).toEqual({ code: 3 });
    expect(said).toBe("going");
  });

  it("gives up: the reason comes with its exit, after all that it sent before", async () => {
    const a = await parent.start("a");
    const answer = parent.ask<Uint8Array>("a", "giveUp", { bytes: 8 * 2 ** 20, reason: "out of luck" });
    expect(await a.exited).toEqual({ code: 1, reason: "out of luck" });
    expect((await answer).length).toBe(8 * 2 ** 20);
  });

  it("ends by itself when it has left and has nothing more to do", async () => {
    const a = await parent.start("a");
    parent.tell("a", { kind: "leave" });
    expect(await a.exited).toEqual({ code: 0 });
  });

  it("comes back under its name as a later incarnation only, once it is gone", async () => {
    const a = await parent.start("a");
    expect(() => parent.host.start({ name: "a", incarnation: 2, task: 0 })).toThrow('node "a" is still there');
    a.kill();
    expect(() => parent.host.start({ name: "a", incarnation: 2, task: 0 })).toThrow('node "a" is still there');
    await a.exited;
    expect(() => parent.host.start({ name: "a", incarnation: 1, task: 0 })).toThrow(
      'node "a" was started as incarnation 1 before: 1 is not later',
    );
    await parent.start("a", { incarnation: 2 });
    expect(await parent.ask("a", "echo", { value: 2 })).toBe(2);
  });

  it("is not heard any more from the moment that it is killed", async () => {
    const heard = parent.listen<number>();
    const frames: string[] = [];
    const raw = parent.host.join("raw");
    raw.onFrame((from) => frames.push(from));
    for (let incarnation = 1; incarnation <= 5; incarnation++) {
      const a = await parent.start("a", { incarnation });
      parent.tell("a", { kind: "chatter", to: "main" });
      parent.tell("a", { kind: "chatter", to: "raw" });
      await vi.waitFor(() => expect(heard.at(-1)).toBe(incarnation), LONG);
      // The node keeps sending, so that messages are on their way when it is killed.
      standStill(50);
      a.kill();
      const count = frames.length;
      await a.exited;
      expect(frames).toHaveLength(count);
    }
    // Incarnations never overlap.
    expect(heard).toEqual([...heard].sort());
    raw.close();
  });

  it("that could not start at all is told at once, one that fails in its entry by its exit", async () => {
    const { execPath } = process;
    try {
      process.execPath = "/nonexistent/node";
      expect(() => parent.host.start({ name: "a", incarnation: 1, task: 0 })).toThrow(
        'node "a" cannot be started: the system refuses a process of /nonexistent/node',
      );
    } finally {
      process.execPath = execPath;
    }
    const failing = new ProcessHost({ entry: ENTRY, execArgv: ["-e", "process.exit(5)"] });
    expect(await failing.start({ name: "a", incarnation: 1, task: 0 }).exited).toEqual({ code: 5 });
    const script = "process.stderr.write('a: a line for people\\n'); process.exit(6)";
    const printing = new ProcessHost({ entry: ENTRY, execArgv: ["-e", script] });
    expect(await printing.start({ name: "a", incarnation: 1, task: 0 }).exited).toEqual({ code: 6 });
    expect(() => parent.host.start({ name: "a", incarnation: 1, task: () => 0 })).toThrow(/could not be cloned/);
    await parent.start("a");
  });
});

describe("a node that is suspended", () => {
  it("does nothing until it is resumed, and then what it was told meanwhile", async () => {
    const a = await parent.start("a");
    a.suspend();
    await expect(parent.ask("a", "echo", { value: 1 }, 300)).rejects.toThrow();
    const answer = parent.ask<number>("a", "echo", { value: 2 });
    a.resume();
    expect(await answer).toBe(2);
  });

  it("can be killed", async () => {
    const a = await parent.start("a");
    a.suspend();
    a.kill();
    expect(await a.exited).toEqual({ signal: "SIGKILL" });
  });

  it("is kept what was sent to it up to a bound; then frames are dropped, and it goes on all the same", async () => {
    const a = await parent.start("a");
    a.suspend();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 100; i++) parent.tell("a", { kind: "note", value: new Uint8Array(2 ** 20) });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 * 2 ** 20);
    expect(parent.host.dropped).toBeGreaterThan(80);
    a.resume();
    const seen = await vi.waitFor(async () => {
      const values = await parent.ask<Uint8Array[]>("a", "seen", {}, 2000);
      expect(values.length).toBeGreaterThanOrEqual(16);
      return values;
    }, LONG);
    expect(seen.length).toBeLessThan(20);
  });
});

describe("signals and the end of the parent", () => {
  it("leave it to the parent what to do when the terminal interrupts them all", async () => {
    const a = await parent.start("a");
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(a.pid as number, signal);
    expect(await parent.ask("a", "echo", { value: 1 })).toBe(1);
  });

  const script = new URL("./parent.mjs", import.meta.url);
  it.each([
    { parent: "a module", args: [fileURLToPath(script)] },
    { parent: "a line of code", args: ["--eval", `import("${script}")`] },
  ])("end every child, the suspended one too, when $parent is killed, and leave nothing behind", async ({ args }) => {
    const before = shared();
    const child: ChildProcess = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    }
    const pids: number[] = await vi.waitFor(() => JSON.parse(output.stdout), LONG);
    expect(pids.map(lives)).toEqual([true, true, true]);
    // The output of a node is for people, so it goes to stderr and not into the output of its parent.
    await vi.waitFor(() => expect(output.stderr).toBe("a node prints\n"), LONG);
    child.kill("SIGKILL");
    await once(child, "exit");
    await vi.waitFor(() => expect(pids.map(lives)).toEqual([false, false, false]), LONG);
    expect(shared()).toEqual(before);
  });

  it("closeAll ends every node", async () => {
    const nodes = await Promise.all(["a", "b", "c"].map((name) => parent.start(name)));
    nodes[1].suspend();
    await parent.host.closeAll();
    expect(nodes.map(({ pid }) => lives(pid as number))).toEqual([false, false, false]);
  });
});

it("a name is one that a frame can bear, and of one node", async () => {
  for (const name of ["", "x".repeat(256)]) {
    expect(() => parent.host.join(name)).toThrow(`the name of a node has 1 to 255 bytes, got ${name.length}`);
  }
  expect(() => parent.host.start({ name: "main", incarnation: 1, task: 0 })).toThrow('node "main" is still there');
  await parent.start("Ångström");
  expect(await parent.ask("Ångström", "echo", { value: 1 })).toBe(1);
  expect(() => parent.host.join("Ångström")).toThrow('node "Ångström" is still there');
});

it("nodes within the parent's process reach one another, never within a call", async () => {
  const [x, y] = [parent.host.join("x"), parent.host.join("y")];
  const heard: unknown[] = [];
  y.onFrame((from, frame) => heard.push([from, frame]));
  const frame = { list: [1, 2] };
  x.send("y", frame);
  frame.list.push(3);
  expect(heard).toEqual([]);
  await Promise.resolve();
  expect(heard).toEqual([["x", { list: [1, 2] }]]);
  // The next node may take the name.
  const successor = parent.host.join("y");
  x.send("y", 1);
  successor.close();
  await Promise.resolve();
  expect(heard).toHaveLength(1);
});

it("a process that was started as a node starts none before it has joined its parent", async () => {
  vi.stubEnv("DAWNPOUR_CHANNEL", "3");
  expect(() => parent.host.start({ name: "a", incarnation: 1, task: 0 })).toThrow(
    'node "a" cannot be started by a node that has not joined its parent yet',
  );
  vi.unstubAllEnvs();
});

it("a process that no host started has no parent to join", async () => {
  await expect(joinParent()).rejects.toThrow("this module runs in the processes of a ProcessHost: let a host start it");
});

/** Blocks this process for a number of milliseconds. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Names of shared memory in the file system. */
function shared(): string[] {
  return process.platform === "linux" ? readdirSync("/dev/shm") : [];
}

/** Whether a process runs. One that has ended may wait to be collected by its new parent. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}
