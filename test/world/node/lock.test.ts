import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockFile } from "../../../src/world/node/lock.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-lock-"));
  path = join(folder, "lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("is held once at a time, and leaves nothing when it is freed", async () => {
  const free = await lockFile(path);
  await expect(lockFile(path)).rejects.toMatchObject({
    code: "ELOCKED",
    message: expect.stringContaining(`process ${process.pid} on`),
  });
  await free();
  expect(await readdir(folder)).toEqual([]);
  await (await lockFile(path))();
});

it("goes to one of many that want it", async () => {
  const tried = await Promise.allSettled(Array.from({ length: 20 }, () => lockFile(path)));
  expect(tried.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

it("ends with the process that held it", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
  const free = await lockFile(path);
  const holder = JSON.parse(await readFile(path, "utf8"));
  await free();
  const { pid } = child;
  const ended = new Promise((settle) => child.on("exit", settle));
  child.kill("SIGKILL");
  await ended;
  await writeFile(path, JSON.stringify({ ...holder, pid }));
  await (await lockFile(path))();
});

it("is not of a process that has the number of the one that held it", async () => {
  await (await lockFile(path))();
  const free = await lockFile(path);
  const holder = JSON.parse(await readFile(path, "utf8"));
  await free();
  if (holder.started === "") return;
  await writeFile(path, JSON.stringify({ ...holder, started: "1" }));
  await (await lockFile(path))();
});

it("of another machine stays", async () => {
  await writeFile(path, JSON.stringify({ host: "elsewhere", pid: 1, started: "1" }));
  await expect(lockFile(path)).rejects.toThrow("process 1 on elsewhere holds it");
});

it("that was cut short is none", async () => {
  await writeFile(path, "{");
  await (await lockFile(path))();
});
