/**
 * A lock that ends with the process that holds it, however the process ends: a file with the id of the process. A file
 * whose process has ended is no lock. Node has no `flock`.
 */
import { link, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { errorCode } from "../disk-error.js";

/** The holder, as written in the file. */
interface Holder {
  readonly host: string;
  readonly pid: number;
  /**
   * When the process was started, in ticks of the system's clock, because ids of processes are reused. Empty where the
   * system does not tell.
   */
  readonly started: string;
}

/** Resolves to a function that frees the lock. @throws Error of code ELOCKED that names the process that holds it */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const own = JSON.stringify({ host: hostname(), pid: process.pid, started: await startOf(process.pid) });
  const aside = `${path}.${process.pid}`;
  await writeFile(aside, own);
  try {
    if (!(await isCreated(aside, path, own))) {
      const holder = parse(await readFile(path, "utf8").catch(() => ""));
      if (holder && (await isAlive(holder))) throw locked(path, holder);
      await rename(aside, path);
      // Another process may take over the same abandoned lock at this moment: only one of them then reads its own
      // name.
      const now = await readFile(path, "utf8");
      if (now !== own) throw locked(path, parse(now));
    }
  } finally {
    await rm(aside, { force: true });
  }
  return () => rm(path, { force: true });
}

/**
 * Links the file to its name unless there is such a file. On a file system without links the file is written in place.
 */
async function isCreated(aside: string, path: string, content: string): Promise<boolean> {
  try {
    await link(aside, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
  }
  try {
    const file = await open(path, "wx");
    await file.writeFile(content);
    await file.close();
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function isAlive({ host, pid, started }: Holder): Promise<boolean> {
  // A process on another machine cannot be checked from here.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
  return started === (await startOf(pid));
}

async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name of the program, in parentheses, may contain anything; the start is the twentieth field after it.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function parse(text: string): Holder | undefined {
  try {
    const { host, pid, started } = JSON.parse(text);
    return typeof host === "string" && Number.isSafeInteger(pid) ? { host, pid, started: String(started) } : undefined;
  } catch {
    return undefined;
  }
}

function locked(path: string, holder: Holder | undefined): Error {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : "another process";
  return Object.assign(new Error(`ELOCKED: ${who} holds it, lock '${path}'`), { code: "ELOCKED", path, holder: who });
}
