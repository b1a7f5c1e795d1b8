/** `dawnpour tune`, with a cache of its own. */
import { beforeAll, describe, expect, it } from "vitest";
import { lastLine, SMALL, Workplace } from "../dawnpour.js";

const place = new Workplace();
/** Two layers: two products forward, and backward two of weights and one of inputs. */
const NETWORK = ["--layers", "36,12", "--batch", "16"];

beforeAll(() => {
  // Wherever the system keeps caches.
  for (const name of ["XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"]) process.env[name] = place.path("cache");
});

describe("dawnpour tune", () => {
  it("prints the tile of each product, and keeps it", async () => {
    const args = ["tune", "--device", "webgpu", ...NETWORK, "--budget", "60", "--json"];
    const { code, stdout, stderr } = await place.run(...args);
    expect(code).toBe(0);
    const lines = stderr.trimEnd().split("\n");
    expect(
      lines.filter((line) => /^\d+x\d+x\d+ [nt]{2} f32.* ms +[\d.]+ ms +\d+\.\d\dx {2}\w+ \d+x/.test(line)),
    ).toHaveLength(5);
    const { device, seconds, results } = JSON.parse(stdout);
    expect(lines[0]).toContain(device);
    expect(seconds).toBeGreaterThan(0);
    expect(results).toHaveLength(5);
    expect(results[0]).toEqual({
      gemm: expect.stringMatching(/^\d+x\d+x\d+ [nt]{2} f32/),
      tile: expect.any(String),
      defaultTile: expect.any(String),
      defaultMs: expect.any(Number),
      raced: expect.any(Number),
      tileMs: expect.any(Number),
    });
    expect((await place.contents()).filter((name) => /^cache.*tuning.*\.json$/.test(name))).toHaveLength(1);
  });

  it("takes the products of parts, where workers share a batch", async () => {
    const { stdout } = await place.run("tune", "--device", "webgpu", ...NETWORK, "--parts", "3", "--budget", "1");
    const rows = [...stdout.matchAll(/^(\d+)x12x36 nn/gm)].map(([, m]) => m);
    expect(rows.sort()).toEqual(["5", "6"]);
  });

  it("says why the CPU has nothing to tune", async () => {
    expect(await place.run("tune", "--device", "cpu")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^dawnpour: .* has nothing to tune: use a WebGPU device \(--device webgpu\)\n$/),
    });
  });
});

describe("dawnpour train", () => {
  it("comes to the same bits tuned or not, and with a damaged cache, which it warns of", async () => {
    const train = async (out: string, ...args: readonly string[]) => {
      const run = [
        "train",
        "--device",
        "webgpu",
        ...SMALL,
        ...NETWORK,
        "--steps",
        "3",
        "--out",
        out,
        "--json",
        "--no-pca",
        ...args,
      ];
      const { code, stdout, stderr } = await place.run(...run);
      expect(code, stderr).toBe(0);
      return { sha256: JSON.parse(lastLine(stdout)).parametersSha256, stderr };
    };
    const plain = await train("plain", "--no-tune");
    const tuned = await train("tuned");
    const cache = (await place.contents()).find((name) => /^cache.*tuning.*\.json$/.test(name)) ?? "";
    await place.write(cache, "{");
    const damaged = await train("damaged");
    const off = await train("off", "--no-tune");
    const gemm = ["bench", "gemm", "--device", "webgpu", "--shapes", "16x16x16"];
    expect((await place.run(...gemm)).stderr).toContain("is damaged: it is ignored");
    await place.write(cache, "{");
    expect((await place.run(...gemm, "--no-tune")).stderr).not.toContain("warning: the tuning");
    expect([tuned.sha256, damaged.sha256, off.sha256]).toEqual(Array(3).fill(plain.sha256));
    expect(damaged.stderr).toMatch(/^warning: the tuning cache ".*\.json" is damaged: it is ignored$/m);
    for (const { stderr } of [plain, tuned, off]) expect(stderr).not.toContain("warning: the tuning");
  });
});
