/**
 * The command line as a user runs it, in a folder of its own, with small pictures to train on. `run` starts a process; `call` runs
 * the command in this one, for tests whose subject is not the process: a process takes a second to load.
 */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";
import type { Manifest } from "../../src/checkpoint/manifest.js";
import { Random } from "../../src/world/random.js";
import { idxBytes } from "../data/files.js";

export interface Outcome {
  /** Undefined when a signal ended the process. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = resolve("dist/cli/main.js");
/** Options by which a run starts processes of its own, from files that are compiled. */
const STARTS_PROCESSES = ["--workers", "--devices", "--pipeline", "--parts"];

export class Running {
  readonly process: ChildProcess;
  readonly outcome: Promise<Outcome>;
  #stderr = "";
  #heard: () => void = () => undefined;

  /** @param detached in a process group of its own, as a shell starts it on a terminal */
  constructor(folder: string, args: readonly string[], detached = false, main = MAIN) {
    const stdio: StdioOptions = ["ignore", "pipe", "pipe"];
    this.process = spawn(process.execPath, [main, ...args], { cwd: folder, stdio, detached });
    let stdout = "";
    this.process.stdout?.on("data", (chunk) => {
      stdout += chunk;
    });
    this.process.stderr?.on("data", (chunk) => {
      this.#stderr += chunk;
      this.#heard();
    });
    this.outcome = new Promise((settle, reject) => {
      this.process.on("error", reject);
      this.process.on("close", (code) => settle({ code: code ?? undefined, stdout, stderr: this.#stderr }));
    });
  }

  /** Waits for a line on stderr. */
  async until(line: RegExp): Promise<void> {
    const heard = new Promise<void>((settle) => {
      this.#heard = () => {
        if (line.test(this.#stderr)) settle();
      };
      this.#heard();
    });
    const ended = this.outcome.then(({ stderr }) => {
      throw new Error(`the process ended without saying ${line}: ${stderr}`);
    });
    await Promise.race([heard, ended]);
    // After the line has come, the process may end.
    ended.catch(() => undefined);
  }
}

/** A folder to work in, which has `images-idx3-ubyte`. It is removed after the tests of the file. */
export class Workplace {
  folder = "";

  constructor() {
    beforeAll(async () => {
      this.folder = await mkdtemp(join(tmpdir(), "dawnpour-cli-"));
      await this.write("images-idx3-ubyte", pictures(200, 6));
    });
    afterAll(() => rm(this.folder, { recursive: true, force: true }));
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  read(...names: readonly string[]): Promise<Buffer> {
    return readFile(this.path(...names));
  }

  write(name: string, content: Uint8Array | string): Promise<void> {
    return writeFile(this.path(name), content);
  }

  append(name: string, content: string): Promise<void> {
    return appendFile(this.path(name), content);
  }

  /** Every file and folder here. */
  async contents(): Promise<string[]> {
    return (await readdir(this.folder, { recursive: true })).sort();
  }

  start(...args: readonly string[]): Running {
    return new Running(this.folder, args);
  }

  /** In a process group of its own, so that a signal can be sent to all of it. */
  startGroup(...args: readonly string[]): Running {
    return new Running(this.folder, args, true);
  }

  run(...args: readonly string[]): Promise<Outcome> {
    return this.start(...args).outcome;
  }

  /** Runs the command in this process. */
  async call(...args: readonly string[]): Promise<Outcome> {
    const { runProgram } = await import("../../src/cli/root-command.js");
    const [argv, folder] = [process.argv, process.cwd()];
    const [stdout, stderr] = [process.stdout, process.stderr].map((stream) => {
      const spy = vi.spyOn(stream, "write").mockReturnValue(true);
      const listeners = stream.listeners("error");
      return {
        text: () => spy.mock.calls.map(([text]) => text).join(""),
        release: () => {
          spy.mockRestore();
          for (const added of stream.listeners("error")) {
            if (!listeners.includes(added)) stream.off("error", added as () => void);
          }
        },
      };
    });
    process.argv = [process.execPath, MAIN, ...args];
    process.chdir(this.folder);
    try {
      await runProgram();
      return { code: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
    } finally {
      stdout.release();
      stderr.release();
      process.chdir(folder);
      process.argv = argv;
      process.exitCode = undefined;
    }
  }

  /** Runs a file of this folder. */
  script(name: string): Promise<Outcome> {
    return new Running(this.folder, [], false, this.path(name)).outcome;
  }

  /** Trains on the CPU and returns the result that `--json` prints. */
  async train(...args: readonly string[]): Promise<Summary> {
    const how = args.some((word) => STARTS_PROCESSES.includes(word)) ? "run" : "call";
    const { code, stdout, stderr } = await this[how]("train", "--device", "cpu", "--json", ...args);
    if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
    return JSON.parse(lastLine(stdout));
  }

  /** The newest checkpoint of a run. */
  async manifest(run: string): Promise<Manifest> {
    const names = await readdir(this.path(run, "checkpoints"));
    return JSON.parse(
      (await this.read(run, "checkpoints", names.sort()[names.length - 1], "manifest.json")).toString(),
    );
  }
}

export interface Errors {
  readonly sse: number;
  readonly mse: number;
}

/** What `dawnpour train --json` ends with. */
export interface Summary {
  readonly device: string;
  readonly dataset: string;
  readonly steps: number;
  readonly stopped: boolean;
  readonly epochs: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly train: Errors;
  readonly test: Errors;
  readonly pca: { readonly components: number; readonly test: Errors };
  readonly parametersSha256: string;
  readonly out: string;
}

/** A network for the pictures that trains very quickly. */
export const SMALL = ["--dataset", "images-idx3-ubyte", "--layers", "36,12,3", "--batch", "16", "--lr", "0.01"];

export function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

/** An IDX file of `count` pictures of one bright spot each. */
export function pictures(count: number, side: number): Uint8Array {
  const random = new Random(5);
  const bytes: number[] = [];
  for (let i = 0; i < count; i++) {
    const [x, y] = [random.between(1, side - 2), random.between(1, side - 2)];
    for (let at = 0; at < side * side; at++) {
      const distance = ((at % side) - x) ** 2 + (Math.floor(at / side) - y) ** 2;
      bytes.push(Math.round(255 * Math.exp(-distance / 2)));
    }
  }
  return idxBytes([count, side, side], bytes);
}
