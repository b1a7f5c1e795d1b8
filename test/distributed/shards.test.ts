/** Runs on workers that get their number of parts by the older name of the option. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const { train } = (await import(
  new URL("../../dist/index.js", import.meta.url).href
)) as typeof import("../../src/index.js");

test("shards is another name of parts", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dawnpour-shards-"));
  const config = { dataset: "digits:60", layers: [784, 8, 4], batch: 8, steps: 3 };
  const by = async (parts: { parts?: number; shards?: number }, out: string) => {
    const run = await train(
      { ...config, ...parts },
      { workers: 1, devices: "cpu:1", out: join(folder, out), pca: false },
    );
    run.close();
    return [run.config.parts, run.parametersSha256];
  };
  expect(await by({ shards: 2 }, "a")).toEqual(await by({ parts: 2 }, "b"));
  await rm(folder, { recursive: true });
});
