/** Real processes over a slow link: a round takes as long as its vectors, and no bit changes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TrainPlace } from "../../src/request.js";

const built = new URL("../../dist/index.js", import.meta.url).href;
const { train } = (await import(built)) as typeof import("../../src/index.js");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-link-"));
});
afterAll(() => rm(folder, { recursive: true }));

const OPTIONS = { dataset: "digits:400", layers: [784, 64, 8], batch: 100, parts: 2, steps: 12 };
const PARAMETERS = 2 * (784 * 64 + 64 * 8) + 64 + 8 + 64 + 784;

async function run(name: string, place: TrainPlace) {
  const common = { out: join(folder, name), device: "cpu", threads: 1, measures: false } as const;
  await using result = await train(OPTIONS, { ...common, ...place });
  return { hash: result.parametersSha256, seconds: result.seconds, events: await result.folder.events() };
}

it("a round takes at least the time of its vectors, and the bits are those of a run without a link", async () => {
  const free = await run("free", { workers: 2 });
  const linked = await run("linked", { workers: 2, link: "80Mbps,5ms" });
  expect(linked.hash).toBe(free.hash);
  // Two contributions and two sums a round, and a message each way; the first sums go out with the snapshot.
  const round = (4 * 4 * PARAMETERS) / 1e7 + 2 * 0.005;
  expect(linked.seconds).toBeGreaterThan(0.9 * OPTIONS.steps * round);
  expect(linked.events.find(({ event }) => event === "start")).toMatchObject({ place: { link: "80Mbps,5ms" } });
  expect(linked.events.filter(({ event }) => event === "recovery")).toEqual([]);
});

it.each([
  ["1Gbps", /link "1Gbps": write bits a second and a time/],
  ["1Gbps,fast", /link "1Gbps,fast": "fast" is no time/],
  ["0bps,1ms", /link "0bps,1ms": write bits a second/],
  ["1bps,1ms", /the vectors of a round take .* over this link, and the step timeout is 1m/],
])("link %s is refused", async (link, message) => {
  await expect(run("never", { workers: 2, link })).rejects.toThrow(message);
});

it("a link is refused where nothing goes over one", async () => {
  const options = { dataset: "digits:400", layers: [784, 8], batch: 100, steps: 2 };
  await expect(train(options, { out: join(folder, "never"), link: "1Gbps,1ms" })).rejects.toThrow(
    /a link needs workers/,
  );
  const place = { out: join(folder, "never"), pipeline: true, device: "cpu", link: "1Gbps,1ms" } as const;
  await expect(train({ ...options, layers: [784, 16, 8], parts: 2 }, place)).rejects.toThrow(/stages of a pipeline/);
});
