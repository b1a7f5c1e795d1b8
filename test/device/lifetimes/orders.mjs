/**
 * Runs random orders on one kind of device, for `lifetimes.mjs`: `orders.mjs KIND FIRST-SEED COUNT`, with --expose-gc. All
 * elements of a buffer are the same number, and this script keeps count of what that number should be.
 */
import { readdirSync } from "node:fs";
import { globals } from "webgpu";
import { DawnpourError, Random } from "../../../dist/index.js";
import { openDevice, ProgramBuilder } from "../../../dist/kernels.js";

const [kind, firstSeed, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const LENGTH = 20_000;
const ACTS = 60;
const MOST_DEVICES = 2;
/** The file handles that a driver may open once and keep, for example for compiled code, however many devices there are. */
const DRIVERS_FILES = 2;

/** Every GPU device that was made. A device that is still in memory at the end was kept by something. */
const gpuDevices = [];
const { requestDevice } = globals.GPUAdapter.prototype;
globals.GPUAdapter.prototype.requestDevice = async function (descriptor) {
  const device = await requestDevice.call(this, descriptor);
  gpuDevices.push(new WeakRef(device));
  return device;
};

/** total = total + step */
function counting() {
  const builder = new ProgramBuilder("counting");
  const [total, step] = ["total", "step"].map((name) => builder.buffer(name, "f32", [LENGTH]));
  return builder.add({ a: total, b: step, out: total }).build();
}
const PROGRAM = counting();

/** One order: the objects that it holds, the numbers that should be in them, and the reads that are not done yet. */
class Order {
  devices = [];
  buffers = [];
  executables = [];
  pending = [];

  constructor(seed) {
    this.random = new Random(seed);
  }

  below(bound) {
    return Math.floor(this.random.uniform() * bound);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  async act() {
    const names = ["open", "create", "compile", "compile", "run", "run", "run", "read", "read", "write", "write"];
    names.push("destroy", "drop", "drop", "collect", "turn", "settle");
    await this[this.pick(names)]();
  }

  async open() {
    if (this.devices.length >= MOST_DEVICES) return this.drop();
    this.devices.push({ handle: await openDevice({ device: kind, threads: kind === "cpu" ? 2 : undefined }) });
  }

  create() {
    const device = this.pick(this.devices);
    if (!device) return;
    const made = attempt(() => device.handle.createBuffer("f32", LENGTH, "made"));
    if (made) this.buffers.push({ handle: made, life: { value: 0 } });
  }

  /** Compiles an executable, with buffers of its own or with one that other executables use. */
  async compile() {
    const device = this.pick(this.devices);
    if (!device) return;
    const shared = this.below(2) ? this.pick(this.buffers) : undefined;
    const bindings = shared ? { total: shared.handle } : {};
    const made = await device.handle.compile(PROGRAM, bindings).catch(expected);
    if (!made) return;
    const [total, step] = [shared?.life ?? { value: 0 }, { value: 0 }];
    this.executables.push({ handle: made, total, step });
    if (!shared) this.buffers.push({ handle: made.buffer("total"), life: total });
    this.buffers.push({ handle: made.buffer("step"), life: step });
  }

  run() {
    const executable = this.pick(this.executables);
    if (!executable) return;
    const times = this.below(8);
    const { total, step } = executable;
    attempt(() => {
      executable.handle.run(times);
      total.value += times * step.value;
    });
  }

  write() {
    const buffer = this.pick(this.buffers);
    if (!buffer) return;
    const value = this.below(100);
    const memory = this.below(3) ? undefined : new SharedArrayBuffer(4 * LENGTH);
    attempt(() => {
      buffer.handle.write((memory ? new Float32Array(memory) : new Float32Array(LENGTH)).fill(value));
      buffer.life.value = value;
    });
  }

  read() {
    const buffer = this.pick(this.buffers);
    if (!buffer) return;
    const wanted = buffer.life.value;
    const read = this.below(2) ? buffer.handle.read() : into(buffer.handle);
    const checked = read.then((values) => {
      const wrong = values.findIndex((value) => value !== wanted);
      if (wrong >= 0) throw new Error(`element ${wrong} is ${values[wrong]}, not ${wanted}`);
    }, expected);
    // Some objects are dropped: only the device itself still refers to them.
    if (this.below(4)) this.pending.push(checked);
  }

  destroy() {
    this.pick([...this.devices, ...this.executables, ...this.executables, ...this.buffers])?.handle.destroy();
  }

  drop() {
    const list = this.pick([this.devices, this.executables, this.buffers]);
    if (this.below(4) === 0) list.length = 0;
    else list.splice(this.below(list.length), 1);
  }

  collect() {
    globalThis.gc();
  }

  async turn() {
    await new Promise(setImmediate);
  }

  async settle() {
    await Promise.all(this.pending.splice(0));
  }
}

function attempt(act) {
  try {
    return act();
  } catch (error) {
    return expected(error);
  }
}

/** Whether an error is about a device, an executable or a buffer that is gone, or that belongs to another device. */
function expected(error) {
  if (error instanceof DawnpourError) return undefined;
  throw error;
}

async function into(buffer) {
  const values = new Float32Array(LENGTH);
  await buffer.readInto(values);
  return values;
}

async function oneOrder(seed) {
  const order = new Order(seed);
  await order.open();
  for (let act = 0; act < ACTS; act++) await order.act();
  await order.settle();
}

async function settled() {
  for (let i = 0; i < 10; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const entries = (folder) => (process.platform === "linux" ? readdirSync(folder).length : 0);
const held = () => ({
  threads: entries("/proc/self/task"),
  files: entries("/proc/self/fd"),
  devices: gpuDevices.filter((device) => device.deref()).length,
});

let seed = firstSeed;
process.on("exit", (code) => {
  if (code !== 0) console.log(`at seed ${seed}`);
});
// A warm-up, because drivers start threads of their own that stay.
await oneOrder(firstSeed);
await settled();
const before = held();
for (; seed < firstSeed + count; seed++) await oneOrder(seed);
await settled();
const after = held();
for (const [what, number] of Object.entries(after)) {
  const own = what === "files" ? DRIVERS_FILES : 0;
  if (number > before[what] + own) throw new Error(`${what}: ${before[what]} before, ${number} after`);
}
