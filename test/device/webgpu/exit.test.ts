/** Dawn has native threads, but a process that used it must still end by itself and without a crash, even with a device open. */
import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";

const ENTRY = new URL("../../../dist/device/open.js", import.meta.url).href;

/** Runs `body` in a process of its own, with an open device and a buffer; resolves to how it ended. */
function end(body: string): Promise<{ code: number | null; signal: string | null; output: string }> {
  const script = `
    const { openDevice } = await import(${JSON.stringify(ENTRY)});
    const device = await openDevice({ device: "webgpu" });
    const buffer = device.createBuffer("f32", 1000, "buffer");
    buffer.write(new Float32Array(1000).fill(1));
    ${body}`;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script]);
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.on("close", (code, signal) => resolve({ code, signal, output }));
  });
}

describe("a process ends by itself", () => {
  it.each([
    ["with a device it did not destroy", "await buffer.read(); console.log('done');"],
    ["with a device it destroyed", "await buffer.read(); device.destroy(); console.log('done');"],
    ["with a read it did not wait for", "buffer.read(); console.log('done');"],
    ["with a read cut off by destroy", "buffer.read().catch(() => console.log('done')); device.destroy();"],
    ["that looks out for loss", "device.lost.then(() => {}); console.log('done');"],
  ])("%s", async (_, body) => {
    expect(await end(body)).toEqual({ code: 0, signal: null, output: "done\n" });
  });

  it.each([
    ["by process.exit, with a read pending", "buffer.read(); process.exit(3);", 3],
    ["by an exception", "throw new Error('on purpose');", 1],
  ])("%s", async (_, body, code) => {
    expect(await end(body)).toMatchObject({ code, signal: null });
  });
});
