/** Memory that processes share: its contents, its lifetime, and the calls that it refuses. */
import { execFile } from "node:child_process";
import { closeSync, openSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { PAGE } from "../../../src/transport/process/memory-page.js";
import { createSharedMemory, openSharedMemory } from "../../../src/transport/process/shared-memory.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

it("is zero at first, and one memory however often it is opened", () => {
  const memory = createSharedMemory(100_000);
  const bytes = new Uint8Array(memory.buffer);
  expect(bytes).toHaveLength(100_000);
  expect(bytes.every((byte) => byte === 0)).toBe(true);
  const again = openSharedMemory(memory.fd, memory.bytes);
  bytes[99_999] = 7;
  expect(new Uint8Array(again.buffer)[99_999]).toBe(7);
  memory.close();
  memory.close();
  expect(() => memory.map(0, PAGE)).toThrow("shared memory is mapped after it was closed: map it before");
  // A process that has mapped the memory keeps it.
  new Uint8Array(again.buffer)[0] = 1;
  expect(bytes[0]).toBe(1);
  expect(() => openSharedMemory(memory.fd, memory.bytes)).toThrow(/cannot be mapped from file descriptor/);
});

it("is mapped in parts where it is too large for one ArrayBuffer", () => {
  const memory = createSharedMemory(6 * 2 ** 30);
  expect(() => memory.buffer).toThrow(/6442450944 bytes cannot be one ArrayBuffer/);
  const end = new Uint8Array(memory.map(6 * 2 ** 30 - PAGE, PAGE));
  end[PAGE - 1] = 5;
  const again = openSharedMemory(memory.fd, memory.bytes);
  expect(new Uint8Array(again.map(6 * 2 ** 30 - 2 * PAGE, 2 * PAGE))[2 * PAGE - 1]).toBe(5);
  memory.close();
});

it("is refused for what it cannot be", () => {
  for (const bytes of [0, -1, 1.5, Number.NaN]) {
    expect(() => createSharedMemory(bytes)).toThrow(`shared memory has a whole number of bytes from 1, got ${bytes}`);
  }
  const memory = createSharedMemory(4096);
  expect(() => openSharedMemory(memory.fd, 4097)).toThrow(/shared memory of 4097 bytes cannot be mapped .* has 4096/);
  // Their sum does not fit into a number of the native core.
  expect(() => memory.map(2 * PAGE, -PAGE)).toThrow(/cannot be mapped .* has 4096/);
  memory.close();
  const folder = openSync(root, "r");
  expect(() => openSharedMemory(folder, 10)).toThrow(/cannot be mapped/);
  closeSync(folder);
});

it.runIf(process.platform === "linux")("has no name in any file system, and ends with its last user", async () => {
  const script = `
    const { process: native } = require("node-gyp-build")(${JSON.stringify(root)});
    const { readFileSync, closeSync, readdirSync } = require("node:fs");
    const settle = async () => { for (let i = 0; i < 8; i++) { gc(); await new Promise(setImmediate); } };
    const mapped = () => (readFileSync("/proc/self/maps", "utf8").match(/memfd:dawnpour/g) ?? []).length;
    const fd = native.createSharedMemory(1 << 20);
    let buffer = native.mapSharedMemory(fd, 0, 1 << 20);
    new Uint8Array(buffer).fill(1);
    const log = [mapped()];
    closeSync(fd);
    await settle();
    log.push(mapped(), buffer.byteLength);
    buffer = undefined;
    await settle();
    log.push(mapped());
    console.log(...log);
  `;
  const before = readdirSync("/dev/shm");
  const args = ["--expose-gc", "-e", `(async () => {${script}})()`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  expect(stdout.trim()).toBe(`1 1 ${1 << 20} 0`);
  expect(readdirSync("/dev/shm")).toEqual(before);
});
