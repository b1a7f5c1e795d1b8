/** Real processes that join a run late and leave it early: the record names them, and the bits are those of one worker. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunWorkers } from "../../src/distributed/elastic.js";
import type { ClusterStatus } from "../../src/distributed/status/status.js";
import type { TrainPlace } from "../../src/request.js";

const built = new URL("../../dist/index.js", import.meta.url).href;
const { train } = (await import(built)) as typeof import("../../src/index.js");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-elastic-"));
});
afterAll(() => rm(folder, { recursive: true }));

const OPTIONS = { dataset: "digits:800", layers: [784, 256, 16], batch: 400, parts: 4, steps: 300 };

async function run(name: string, place: TrainPlace) {
  const common = { out: join(folder, name), device: "cpu", threads: 1, measures: false } as const;
  await using result = await train(OPTIONS, { ...common, ...place });
  return { hash: result.parametersSha256, events: await result.folder.events() };
}

it("workers that join and leave are named, and change no bit", async () => {
  let workers: RunWorkers | undefined;
  let last: ClusterStatus | undefined;
  let isAsked = false;
  const elastic = await run("elastic", {
    workers: { least: 1, most: 3 },
    faults: "join a worker at step 20",
    onWorkers(given) {
      workers = given;
    },
    onStatus(status) {
      last = status;
      const second = status.workers[1].state;
      if (isAsked || (second !== "working" && second !== "idle")) return;
      isAsked = true;
      expect(workers?.leave("worker-0")).toBe(true);
      expect(workers?.join(2)).toEqual(["worker-2"]);
    },
  });
  const whole = await run("whole", { workers: 1 });
  expect(elastic.hash).toBe(whole.hash);
  const told = elastic.events.flatMap((event) =>
    event.event === "join" || event.event === "leave" ? [`${event.target} ${event.event}`] : [],
  );
  expect(told.slice(0, 2)).toEqual(["worker-1 join", "worker-0 leave"]);
  expect(elastic.events.find((event) => event.event === "start")).toMatchObject({ place: { least: 1 } });
  expect(elastic.events.filter((event) => event.event === "recovery")).toEqual([]);
  expect(last?.workers[0].state).toBe("absent");
});
