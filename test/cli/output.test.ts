/** The output and the files of each command, for people and for programs. */
import { PassThrough } from "node:stream";
import { decode } from "fast-png";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { Downloads } from "../../src/cli/display/output.js";
import { NPY } from "../../src/data/formats/npy.js";
import { readAll } from "../data/formats/read.js";
import { lastLine, SMALL, type Summary, Workplace } from "./dawnpour.js";

const place = new Workplace();
const REDUCED = ["--limit", "150"];
let summary: Summary;
let lines: string[];

beforeAll(async () => {
  const args = ["train", "--device", "cpu", ...SMALL, ...REDUCED, "--epochs", "3", "--out", "run", "--json"];
  const { code, stdout, stderr } = await place.run(...args);
  expect(code).toBe(0);
  // Nothing else is there.
  summary = JSON.parse(stdout);
  lines = stderr.trimEnd().split("\n");
});

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout } = await place.call(...args, "--json");
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

const errors = { sse: expect.any(Number), mse: expect.any(Number) };

describe("dawnpour train", () => {
  it("ends with one JSON line of what came out", async () => {
    expect(summary).toEqual({
      device: expect.any(String),
      dataset: "images-idx3-ubyte",
      steps: Math.ceil((3 * 150) / 16),
      stopped: false,
      epochs: expect.closeTo((summary.steps * 16) / 150, 12),
      seconds: expect.any(Number),
      imagesPerSecond: expect.any(Number),
      train: errors,
      test: errors,
      pca: { components: 3, test: errors },
      parametersSha256: (await place.manifest("run")).parametersSha256,
      out: "run",
    });
    expect(summary.test.sse).toBeCloseTo(36 * summary.test.mse, 10);
  });

  it("tells of its progress in plain lines where there is no terminal", () => {
    expect(lines.find((line) => line.startsWith("step"))).toMatch(
      /^step 1\/29 {2}loss \d\.\d{5} {2}[\d,]+ images\/s {2}\d+s elapsed {2}\d+s left$/,
    );
    expect(lines.filter((line) => /^epoch [123]\.\d {2}step \d+ \| test SSE \d+\.\d{3}$/.test(line))).toHaveLength(3);
    expect(lines.join("")).not.toContain("\u001b");
  });

  it("fills the folder of the run", async () => {
    const files = ["config.json", "metrics.jsonl", "report.html"].map((name) => `run/${name}`);
    expect(await place.contents()).toEqual(expect.arrayContaining(files));
    expect(JSON.parse((await place.read("run", "config.json")).toString())).toMatchObject({
      dataset: place.path("images-idx3-ubyte"),
      limit: 150,
      layers: [36, 12, 3],
      batch: 16,
      epochs: 3,
    });
  });

  it("takes its options from a file, and those on the command line before them", async () => {
    await place.write("own.json", '{"dataset": "images-idx3-ubyte", "layers": [36, 2], "epochs": 9, "lr": 0.5}');
    const run = await place.train("--config", "own.json", "--steps", "2", "--lr", "0.25", "--out", "configured");
    expect(run.steps).toBe(2);
    const config = JSON.parse((await place.read("configured", "config.json")).toString());
    expect(config).toMatchObject({ layers: [36, 2], steps: 2, lr: 0.25 });
    expect(config).not.toHaveProperty("epochs");
  });
});

describe("a code larger than its images", () => {
  it("is compared with as many components as there are", async () => {
    const { pca } = await place.train(...SMALL, "--layers", "36,50", "--steps", "2", "--out", "wide");
    expect(pca).toEqual({ components: 36, test: errors });
  });
});

describe("a download on a terminal", () => {
  it("leaves nothing that keeps the process alive when it breaks off", () => {
    vi.useFakeTimers();
    const terminal = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 80,
      cursorTo: () => true,
      clearLine: () => true,
      moveCursor: () => true,
    });
    const handlers = process.listenerCount("SIGINT");
    const downloads = new Downloads(terminal as unknown as NodeJS.WriteStream);
    downloads.observe(10, 100, "images.gz");
    expect(vi.getTimerCount()).toBe(1);
    expect(process.listenerCount("SIGINT")).toBe(handlers);
    downloads.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    expect(terminal.read()?.toString()).toContain("downloading images.gz");
  });
});

describe("a checkpoint", () => {
  it("is evaluated to the errors that training ended with", async () => {
    expect(await json("evaluate", "run", "--device", "cpu")).toEqual({
      checkpoint: "run",
      device: summary.device,
      dataset: "images-idx3-ubyte",
      step: summary.steps,
      train: summary.train,
      test: summary.test,
    });
  });

  it("is evaluated with the arithmetic that it was trained with", async () => {
    await place.train(...SMALL, "--device", "cpu", "--steps", "2", "--arithmetic", "fma", "--out", "by-fma");
    const { device } = await json("evaluate", "by-fma", "--device", "cpu");
    expect(device).not.toContain("bf16x3");
  });

  it("finishes its evaluation when no process reads the result", async () => {
    const evaluation = place.start("evaluate", "run", "--device", "cpu");
    evaluation.process.stdout?.destroy();
    expect(await evaluation.outcome).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it.each([
    ["test", [20, 3]],
    ["train", [150, 3]],
  ])("encodes the %s images into an NPY file", async (split, shape) => {
    const { code } = await place.call("encode", "run", "--device", "cpu", "--split", split, "-o", `${split}.npy`);
    expect(code).toBe(0);
    const codes = await readAll(NPY, await place.read(`${split}.npy`));
    expect(codes.shape).toEqual(shape);
    expect(new Set(codes.values).size).toBeGreaterThan(shape[0]);
  });

  it("reconstructs pictures into a PNG file", async () => {
    const { code } = await place.call("reconstruct", "run", "--device", "cpu", "--count", "7", "-o", "seen.png");
    expect(code).toBe(0);
    const { width, height, data } = decode(await place.read("seen.png"));
    // 7 by 2 pictures of 6 x 6, three times as large, 4 pixels apart.
    expect([width, height]).toEqual([7 * 18 + 6 * 4, 2 * 18 + 4]);
    expect(new Set(data).size).toBeGreaterThan(100);
  });
});

describe("dawnpour bench", () => {
  it("gemm gives figures for each shape asked for", async () => {
    const shape = { m: 33, n: 17, k: 65, transposeB: false, medianMs: expect.any(Number), gflops: expect.any(Number) };
    expect(await json("bench", "gemm", "--device", "cpu", "--shapes", "33x17x65,33x17x65:tn")).toEqual({
      device: summary.device,
      precision: "f32",
      arithmetic: expect.stringMatching(/^fma/),
      results: [
        { name: "33x17x65 nn", transposeA: false, ...shape },
        { name: "33x17x65 tn", transposeA: true, ...shape },
      ],
    });
    const half = await json("bench", "gemm", "--device", "cpu", "--shapes", "33x17x65", "--precision", "f16");
    expect(half).toMatchObject({ precision: "f16", arithmetic: "fma", results: [{ name: "33x17x65 nn" }] });
    const fixed = await json("bench", "gemm", "--device", "cpu", "--shapes", "33x17x65", "--arithmetic", "fma");
    expect(fixed).toMatchObject({ precision: "f32", arithmetic: "fma" });
  });

  it("gemm says how far it is, and what the device has no room for", async () => {
    const shapes = "33x17x65,9000000x9000000x9000000:nt,33x17x65:tt";
    const { code, stdout } = await place.call("bench", "gemm", "--device", "cpu", "--shapes", shapes);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n").slice(1)).toEqual([
      expect.stringMatching(/^33x17x65 nn .* GFLOP\/s {3}1\/3$/),
      expect.stringMatching(/^9000000x9000000x9000000 nt +skipped: .*needs .* MiB, .* MiB available.* {3}2\/3$/),
      expect.stringMatching(/^33x17x65 tt .* GFLOP\/s {3}3\/3$/),
    ]);
  });

  it("gemm without shapes begins with the squares of 512, prints as it goes, and ends with Ctrl-C", async () => {
    const endless = place.start("bench", "gemm", "--device", "cpu");
    let rows = "";
    endless.process.stdout?.on("data", (text) => {
      rows += text;
      if (rows.includes("nt ")) endless.process.kill("SIGINT");
    });
    const { code, stdout } = await endless.outcome;
    expect(code).toBeUndefined();
    expect(stdout).toMatch(/\n512x512x512 nn .* 1\/212\n512x512x512 nt .* 2\/212\n/);
  });
});

describe("dawnpour devices", () => {
  it("lists every device with its limits and features, and marks the one auto takes", async () => {
    const { code, stdout } = await place.call("devices", "--json");
    expect(code).toBe(0);
    const { devices } = JSON.parse(lastLine(stdout));
    for (const device of devices) {
      expect(device).toEqual({
        kind: expect.stringMatching(/^(webgpu|cpu)$/),
        name: expect.any(String),
        id: expect.any(String),
        driver: expect.any(String),
        bits: expect.any(String),
        ...(device.kind === "cpu" && { arithmetic: { f32: expect.any(String), bf16: expect.any(String) } }),
        software: expect.any(Boolean),
        limits: expect.any(Object),
        features: expect.any(Array),
        auto: expect.any(Boolean),
      });
    }
    expect(devices.filter(({ kind }: { kind: string }) => kind === "cpu")).toHaveLength(1);
    expect(devices.filter(({ auto }: { auto: boolean }) => auto)).toHaveLength(1);
  });
});

describe("dawnpour --help", () => {
  const uses = [
    "evaluate",
    "encode",
    "reconstruct",
    "score",
    "apply",
    "export",
    "view",
    "replay",
    "predict",
    "privacy",
  ];
  const machines = ["cluster", "cluster init", "coordinate", "worker", "status", "stop"];
  const others = ["devices", "train", "compare", "search", "tune", "bench", "bench gemm", "bench step"];
  const commands = ["", ...others, ...uses, ...machines];
  it.each(commands)("%s", async (command) => {
    const words = command.split(" ").filter(Boolean);
    const { code, stdout, stderr } = await place.call(...words, "--help");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`^Usage: ${["dawnpour", ...words].join(" ")} `));
    const byNpx = stdout.replace(/(^ {2}|`)(?=dawnpour [a-z])/gm, "$1npx ");
    for (const line of byNpx.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("train says what SSE is, that the decoder mirrors the layers, what presets set, where faults are, and how to use workers", async () => {
    const { stdout } = await place.call("train", "--help");
    const text = stdout.replace(/\s+/g, " ");
    expect(text).toContain("SSE is the squared error of an image, summed over its pixels");
    expect(text).toContain("the decoder mirrors them: 784,128,32 trains 784-128-32-128-784");
    expect(text).toMatch(/--preset sets data set, layers, .* hinton2006: 784,1000,500,250,30/);
    expect(text).toMatch(/kill NODE, hang NODE for 10s.* docs\/distributed.md explains them/);
    expect(text).toContain("dawnpour train mnist --workers 3");
  });

  it("bench has an example, and how long it takes; without a word it is wrong usage", async () => {
    const { stdout } = await place.call("bench", "--help");
    expect(stdout).toMatch(
      /takes some minutes, or seconds with --shapes[\s\S]*dawnpour bench gemm --shapes 512x512x512/,
    );
    const alone = await place.call("bench");
    expect([alone.code, lastLine(alone.stderr)]).toEqual([2, "dawnpour: give one of the commands above"]);
  });

  it("search lists no option that it refuses", async () => {
    const { stdout } = await place.call("search", "--help");
    expect(stdout).not.toMatch(
      /^ +--(check-finite|find-lr|servers|compress|strategy|task|model|faults|config|keep) ?/m,
    );
    expect(stdout).toMatch(/^ +--vary <key=values> /m);
  });

  it("compare lists no option that it refuses or that changes nothing", async () => {
    const { stdout } = await place.call("compare", "--help");
    expect(stdout).not.toMatch(
      /^ +--(strategy|resume|other-data|pipeline|config|no-pca|check-finite|find-lr|servers|task|model) ?/m,
    );
    expect(stdout).toMatch(/--parts <n> .*\n.*\(default: 4,/);
  });
});
