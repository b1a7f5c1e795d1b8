/** A run survives its surroundings: signals, readers that close the pipe, full disks, tight limits, no home folder. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { lastLine, type Outcome, SMALL, Workplace } from "./dawnpour.js";

const place = new Workplace();
const ENDLESS = ["train", "--device", "cpu", ...SMALL, "--steps", "1000000000"];

/** Runs the shell script `script`, in which `$dawnpour` is the command. */
function shell(script: string): Promise<Outcome> {
  const environment = { ...process.env, dawnpour: `${process.execPath} ${resolve("dist/cli/main.js")}` };
  const child = spawn("sh", ["-c", script], { cwd: place.folder, env: environment });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((settle) => child.on("close", (code) => settle({ code: code ?? undefined, stdout, stderr })));
}

describe("a run that a signal ends", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("leaves a checkpoint and a report on %s, and its exit code is %i", async (signal, code) => {
    const run = place.start(...ENDLESS, "--out", signal);
    await run.until(/^step \d/m);
    run.process.kill(signal);
    const outcome = await run.outcome;
    expect(outcome.code, outcome.stderr).toBe(code);
    expect(await readdir(place.path(signal))).toEqual(expect.arrayContaining(["checkpoints", "report.html"]));
  });

  it("goes on where the reader of stderr goes away", async () => {
    const run = place.start(...ENDLESS.slice(0, -1), "3000", "--out", "unread");
    await run.until(/^step \d/m);
    run.process.stderr?.destroy();
    expect(await run.outcome).toMatchObject({ code: 0, stdout: expect.stringContaining("report") });
  });
});

describe.runIf(process.platform === "linux")("a run", () => {
  const train = `$dawnpour train --device cpu ${SMALL.join(" ")} --steps 20`;

  it("goes on where the disk behind stdout is full, and says so at the end", async () => {
    const { code, stderr } = await shell(`${train} --out full > /dev/full`);
    expect([code, lastLine(stderr)]).toEqual([1, expect.stringMatching(/^dawnpour: cannot write to stdout: no space/)]);
    expect(existsSync(place.path("full", "report.html"))).toBe(true);
  });

  it("needs no home", async () => {
    const homeless = `
      import os from "node:os";
      import { syncBuiltinESMExports } from "node:module";
      os.homedir = () => { throw new Error("uv_os_homedir returned ENOENT"); };
      syncBuiltinESMExports();`;
    await place.write("homeless.mjs", homeless);
    const { code, stderr } = await shell(`export NODE_OPTIONS="--import ./homeless.mjs"; ${train} --out homeless`);
    expect(code, stderr).toBe(0);
  });

  it("says so where the address space is too small, before Node ends the process", async () => {
    const little = `
      import { execFileSync } from "node:child_process";
      import { readFileSync } from "node:fs";
      const { runProgram } = await import(${JSON.stringify(resolve("dist/cli/root-command.js"))});
      const used = Number(/VmSize:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
      execFileSync("prlimit", ["--pid", String(process.pid), "--as=" + (used + 200 * 2 ** 20)]);
      await runProgram();`;
    await place.write("little.mjs", little);
    const { code, stderr } = await shell(`${process.execPath} little.mjs train ${SMALL.join(" ")} --out little`);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^dawnpour: the limit on address space leaves \d+ MiB to this process, and it needs \d+: raise the limit \(ulimit -v\)\n$/,
    );
  });

  it("needs few open files, with workers too", async () => {
    const { code, stderr } = await shell(`ulimit -n 64; ${train} --out few && ${train} --workers 3 --out few-workers`);
    expect(code, stderr).toBe(0);
  });

  it("needs two of them at a time: what else there is may be open", async () => {
    const takeAll = [
      'const { closeSync, openSync } = require("node:fs");',
      "const taken = [];",
      'try { for (;;) taken.push(openSync("/dev/null")); } catch {}',
      "for (let i = 0; i < 2; i++) closeSync(taken.pop());",
    ];
    await writeFile(join(place.folder, "take-all.cjs"), takeAll.join("\n"));
    const script = `ulimit -n 64; NODE_OPTIONS="--require ./take-all.cjs" ${train} --out two`;
    const { code, stderr } = await shell(script);
    expect(code, stderr).toBe(0);
  });
});

describe("options that people have", () => {
  it("--device names the device of all workers, --threads what each has", async () => {
    const run = await place.run(
      "train",
      ...SMALL,
      "--steps",
      "4",
      "--device",
      "cpu",
      "--workers",
      "3",
      "--threads",
      "1",
    );
    expect([run.code, run.stdout]).toEqual([0, expect.stringMatching(/^workers 3 x CPU, 1 thread(, .*)?$/m)]);
  });

  it.each([
    [["--device", "cpu", "--devices", "cpu*2"], /"cpu" and the devices "cpu\*2" both say where to run/],
    [["--device", "reference", "--workers", "2"], /reference device is for a run on one device/],
    [["--workers", "2", "--threads", "0"], /threads must be a whole number from 1/],
    [["--devices", "cpu:1\n2"], /device "cpu:1\\n2": the number of threads must be .* got "1\\n2"/],
  ])("%j is refused", async (args, message) => {
    const { code, stderr } = await place.call("train", ...SMALL, "--out", "refused", ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^dawnpour: .*\n$/)]);
    expect(stderr).toMatch(message);
  });

  it("more workers than a resumed run has parts lead to fewer workers, not to a refusal", async () => {
    await place.train(...SMALL, "--steps", "3", "--out", "one-part");
    const { code, stderr } = await place.call("train", "--resume", "--out", "one-part", "--workers", "2");
    expect([code, stderr]).toEqual([2, expect.stringContaining("keeps its number of parts: ask for 1 worker at most")]);
  });

  it("the data set may stand by itself, rates and batches have their long names", async () => {
    const args = ["--layers", "36,3", "--batch-size", "50", "--learning-rate", "0.25", "--steps", "2", "--out", "long"];
    await place.train("images-idx3-ubyte", ...args);
    expect(JSON.parse((await place.read("long", "config.json")).toString())).toMatchObject({ batch: 50, lr: 0.25 });
  });

  it("runs that begin in one second have folders of their own", async () => {
    const train = async (seed: string): Promise<string> =>
      JSON.parse((await place.run("train", ...SMALL, "--json", "--steps", "2", "--seed", seed)).stdout).out;
    const folders = await Promise.all(["1", "2", "3"].map(train));
    expect(new Set(folders).size).toBe(3);
  });

  it("--no-pca leaves PCA out, of the report too", async () => {
    const { pca } = await place.train(...SMALL, "--steps", "2", "--no-pca", "--out", "no-pca");
    expect(pca).toBeNull();
    expect((await place.read("no-pca", "report.html")).toString()).not.toContain("PCA");
  });

  it("-v is --version", async () => {
    expect((await place.call("-v")).stdout).toBe((await place.run("--version")).stdout);
  });
});
