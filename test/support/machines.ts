/** Several machines on one: a NATS server, `dawnpour worker` and `dawnpour coordinate`, as processes. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = new URL("../../dist/cli/main.js", import.meta.url).pathname;

/** Debian installs it where not every user's path leads. */
const SERVER = ["nats-server", "/usr/sbin/nats-server"].find((command) => {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

/** Without the server nothing of this can run: `apt-get install nats-server`. */
export const hasServer = SERVER !== undefined;
if (!hasServer)
  console.warn("runs on several machines: skipped: there is no nats-server (apt-get install nats-server)");

/** A process, and what it has written so far. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves when the process has written `text` to stderr since it began. */
  says(text: string): Promise<void>;
  /** What it printed as JSON. Rejects with its stderr when it fails. */
  result(): Promise<{ readonly parametersSha256: string; readonly steps: number }>;
  /** So far. */
  stderr(): string;
  /** Its exit code and output. */
  ended(): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

function begin(command: string, args: readonly string[], cwd?: string): Running {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    err += chunk;
  });
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    child,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => (err.includes(text) ? resolve() : undefined);
        child.stderr?.on("data", look);
        look();
        closed.then((code) => reject(new Error(`it ended with ${code} before it said "${text}": ${err}`)));
      }),
    async result() {
      if ((await closed) !== 0) throw new Error(err);
      return JSON.parse(out);
    },
    stderr: () => err,
    ended: async () => ({ code: await closed, stdout: out, stderr: err }),
  };
}

export class Machines {
  readonly folder = mkdtempSync(join(tmpdir(), "dawnpour-machines-"));
  readonly #started: Running[] = [];
  #port = 0;

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** A NATS server; the first call chooses its port, and a later one starts it again. */
  async server(): Promise<Running> {
    this.#port ||= await freePort();
    const where = ["-a", "127.0.0.1", "-p", `${this.#port}`, "-sd", join(this.folder, "js")];
    const server = this.#begin(SERVER ?? "nats-server", ["-js", ...where]);
    await server.says("Server is ready");
    return server;
  }

  /** A NATS server with keys, by `dawnpour cluster init`; returns its address and the folder of its files. */
  async securedServer(...workers: readonly string[]): Promise<{ readonly url: string; readonly keys: string }> {
    const port = await freePort();
    const keys = join(this.folder, "keys");
    const made = await this.dawnpour("cluster", "init", keys, "--workers", workers.join(), "--port", `${port}`).ended();
    if (made.code !== 0) throw new Error(made.stderr);
    const server = this.#begin(SERVER ?? "nats-server", ["-c", "nats.conf"], join(keys, "nats-server"));
    await server.says("Server is ready");
    return { url: `tls://127.0.0.1:${port}`, keys };
  }

  /** Removes what the server has kept. */
  emptyStore(): void {
    rmSync(join(this.folder, "js"), { recursive: true, force: true });
  }

  dawnpour(...args: readonly string[]): Running {
    return this.#begin(process.execPath, [MAIN, ...args]);
  }

  worker(name: string): Running {
    return this.dawnpour("worker", "--join", this.url, "--name", name, "--devices", "cpu:1");
  }

  /** @param out a name within the folder */
  coordinate(out: string, ...args: readonly string[]): Running {
    const where = ["--join", this.url, "--workers", "2", "--out", join(this.folder, out)];
    return this.dawnpour("coordinate", ...args, ...where, "--no-pca", "--json");
  }

  /** A run in one process. */
  alone(out: string, ...args: readonly string[]): Running {
    return this.dawnpour("train", ...args, "--devices", "cpu:1", "--out", join(this.folder, out), "--no-pca", "--json");
  }

  async close(): Promise<void> {
    for (const { child } of this.#started) child.kill("SIGKILL");
    await Promise.all(this.#started.map((one) => one.ended()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #begin(command: string, args: readonly string[], cwd?: string): Running {
    const running = begin(command, args, cwd);
    this.#started.push(running);
    return running;
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
