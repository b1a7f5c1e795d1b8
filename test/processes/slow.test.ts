/** Real processes of which one is slow: it is named, it gets fewer parts, and the bits are those of a run without it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ClusterStatus } from "../../src/distributed/status/status.js";
import type { TrainPlace } from "../../src/request.js";

const built = new URL("../../dist/index.js", import.meta.url).href;
const { train } = (await import(built)) as typeof import("../../src/index.js");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-slow-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Networks and batches so large that a part takes some milliseconds. */
const OPTIONS = { dataset: "digits:800", layers: [784, 256, 16], batch: 400, parts: 8, steps: 250 };

async function run(name: string, place: TrainPlace) {
  const common = { out: join(folder, name), device: "cpu", threads: 1, measures: false } as const;
  await using result = await train(OPTIONS, { ...common, ...place });
  return { hash: result.parametersSha256, events: await result.folder.events() };
}

it("a slow worker is named, does less, and changes no bit", async () => {
  let status: ClusterStatus | undefined;
  const slow = await run("slow", {
    workers: 2,
    faults: "slow worker-1 by 40x for 10m at step 1",
    onStatus(now) {
      status = now;
    },
  });
  const whole = await run("whole", { workers: 1 });
  expect(slow.hash).toBe(whole.hash);
  const warnings = slow.events.flatMap((event) => (event.event === "warning" ? event.message : []));
  expect(warnings).toContainEqual(expect.stringMatching(/^worker-1 is slow: \d+ ms a part, the others \d+ ms/));
  const [fast, last] = status?.workers ?? [];
  expect(last.parts).toBeLessThan(fast.parts / 2);
});
