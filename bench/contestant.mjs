/**
 * A contestant, as the driver of the benchmarks sees it: a process that answers one case at a time (`serve.mjs`,
 * `peers/serve.py`). Idle contestants sleep in a read, so the one that measures has the machine to itself.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const START_MILLISECONDS = 60_000;
const STOP_MILLISECONDS = 5_000;

export class Contestant {
  #command;
  #environment;
  #process;
  #lines;
  #complaints;

  /** @param environment variables that are added to those of this process, or replace them */
  constructor({ command, environment = {} }) {
    this.#command = command;
    this.#environment = environment;
  }

  /** Resolves to its name and version when it is ready. Rejects with the contestant's own message if it cannot start. */
  async start() {
    const [program, ...args] = this.#command;
    this.#complaints = "";
    this.#process = spawn(program, args, { stdio: "pipe", env: { ...process.env, ...this.#environment } });
    this.#process.on("error", (error) => this.#complain(error.message));
    this.#process.stdin.on("error", (error) => this.#complain(error.message));
    this.#process.stderr.on("data", (text) => this.#complain(text));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    return (await this.#answer(START_MILLISECONDS)).name;
  }

  /** Rejects when the contestant fails at the case, ends during it, or takes longer than `milliseconds`. */
  async measure(test, milliseconds) {
    if (!this.#alive) await this.start();
    this.#process.stdin.write(`${JSON.stringify(test)}\n`);
    const answer = await this.#answer(milliseconds);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  async stop() {
    if (!this.#alive) return;
    const closed = once(this.#process, "close");
    this.#process.stdin.end();
    const late = setTimeout(() => this.#process.kill("SIGKILL"), STOP_MILLISECONDS);
    await closed;
    clearTimeout(late);
  }

  get #alive() {
    return this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async #answer(milliseconds) {
    const late = setTimeout(() => {
      this.#complain(`no answer within ${milliseconds / 1000} s\n`);
      this.#process.kill("SIGKILL");
    }, milliseconds);
    try {
      // Dawn prints its errors to stdout, among the answers. An answer is a line that is an object.
      for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next()) {
        if (line.value.startsWith("{")) return JSON.parse(line.value);
        this.#complain(`${line.value}\n`);
      }
    } finally {
      clearTimeout(late);
    }
    throw new Error(this.#lastWords());
  }

  #complain(text) {
    this.#complaints = `${this.#complaints}${text}`.slice(-4000);
  }

  /** The last line with the word "error". Without one, the last line that is not part of a stack trace. */
  #lastWords() {
    const said = this.#complaints.split("\n").map((line) => line.trim());
    const meant = said.filter((line) => line && !/^(at |\^|Node\.js v|File ")/.test(line));
    return meant.findLast((line) => /error/i.test(line)) ?? meant.at(-1) ?? "ended without a word";
  }
}
