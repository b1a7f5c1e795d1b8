/** A run over several machines: real processes and a real NATS server on this one. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const MAIN = new URL("../../dist/cli/main.js", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "dawnpour-machines-"));
const started: ChildProcess[] = [];
const TRAIN = ["digits:2000", "--layers", "784,64,8", "--epochs", "40", "--batch", "200", "--parts", "3"];
const QUIET = ["--no-pca", "--json"];

/** Without the server these tests cannot run: `apt-get install nats-server`. */
const hasServer = (() => {
  try {
    execFileSync("nats-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

function begin(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  return child;
}

/** Resolves when the process has written `text` to stderr. */
const says = (child: ChildProcess, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let all = "";
    child.stderr?.on("data", (chunk) => {
      all += chunk;
      if (all.includes(text)) resolve();
    });
    child.on("exit", (code) => reject(new Error(`it ended with ${code} before it said "${text}": ${all}`)));
  });

const outputOf = (child: ChildProcess): Promise<{ parametersSha256: string; step: number }> =>
  new Promise((resolve, reject) => {
    let [out, err] = ["", ""];
    child.stdout?.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      err += chunk;
    });
    child.on("close", (code) => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(err))));
  });

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

let url = "";

const worker = (name: string): ChildProcess =>
  begin(process.execPath, [MAIN, "worker", "--join", url, "--name", name, "--devices", "cpu:1"]);

const coordinate = (out: string): ChildProcess => {
  const where = ["--join", url, "--workers", "2", "--out", join(folder, out)];
  return begin(process.execPath, [MAIN, "coordinate", ...TRAIN, ...QUIET, ...where]);
};

beforeAll(async () => {
  if (!hasServer) return;
  const port = await freePort();
  url = `nats://127.0.0.1:${port}`;
  const server = begin("nats-server", ["-js", "-a", "127.0.0.1", "-p", `${port}`, "-sd", join(folder, "js")]);
  await says(server, "Server is ready");
});

afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await Promise.all(
    started.map((child) => child.exitCode ?? child.signalCode ?? new Promise((resolve) => child.on("close", resolve))),
  );
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(!hasServer)(
  "over NATS, a run has the bits of one process, and keeps them when a machine is killed and another joins",
  { timeout: 180_000 },
  async () => {
    const alone = await outputOf(
      begin(process.execPath, [MAIN, "train", ...TRAIN, ...QUIET, "--devices", "cpu:1", "--out", join(folder, "one")]),
    );
    const [first] = [worker("first"), worker("second")];
    const run = coordinate("many");
    const done = outputOf(run);
    await says(run, "epoch 2.0");
    await expect(outputOf(coordinate("refused"))).rejects.toThrow("another coordinator leads");
    first.kill("SIGKILL");
    worker("third");
    const together = await done;
    expect(together.step).toBe(alone.step);
    expect(together.parametersSha256).toBe(alone.parametersSha256);
  },
);
