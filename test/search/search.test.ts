/** Searches over generated digits: the result depends neither on workers nor on an interruption. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderSearch } from "../../src/search/page.js";
import type { SearchPlace } from "../../src/search/place.js";
import type { SearchRecord } from "../../src/search/record.js";
import type { SearchSpace } from "../../src/search/space.js";
import type { TrainingOptions } from "../../src/training/config/config.js";

const built = (name: string): string => new URL(`../../dist/${name}.js`, import.meta.url).href;
const { search } = (await import(built("distributed"))) as typeof import("../../src/distributed.js");

const OPTIONS: TrainingOptions = { dataset: "digits:600", layers: [784, 8], batch: 20, epochs: 1 };
const SPACE: SearchSpace = { lr: [0.00001, 0.003, 0.0005, 0.00003] };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-search-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A record without what differs from run to run. */
const facts = ({ trials, ...rest }: SearchRecord) => ({
  ...{ rungs: rest.rungs, candidates: rest.candidates },
  trials: trials.map(({ seconds: _, ...trial }) => trial),
});

const run = (name: string, place: SearchPlace = {}, options: TrainingOptions = OPTIONS) =>
  search(options, SPACE, { out: join(folder, name), device: "cpu", threads: 1, eta: 2, ...place });

describe("a search", () => {
  it("finds the best of its candidates, whatever the workers and after an interruption", async () => {
    const whole = await run("whole", { workers: 2 });
    expect(whole.rungs).toEqual([
      { candidates: 4, images: 135 },
      { candidates: 2, images: 270 },
      { candidates: 1, images: 540 },
    ]);
    expect(whole).toMatchObject({ stopped: false, best: { candidate: 1, options: { lr: 0.003 } } });
    expect(whole.best?.test).toBeGreaterThan(0);
    expect(whole.trials.map(({ rung, candidate }) => [rung, candidate])).toEqual([
      ...[0, 1, 2, 3].map((candidate) => [0, candidate]),
      ...[1, 2].map((candidate) => [1, candidate]),
      [2, 1],
    ]);
    expect((await readdir(whole.out)).sort()).toEqual(["rung-1", "rung-2", "rung-3", "search.html", "search.json"]);
    expect(await readdir(join(whole.out, "rung-1"))).toEqual([]);
    expect(await readdir(whole.best?.out ?? "")).toContain("report.html");

    const controller = new AbortController();
    const stopped = await run("parts", { signal: controller.signal, onTrial: () => controller.abort() });
    expect(stopped).toMatchObject({ stopped: true, trials: { length: 1 } });
    const resumed = await run("parts", { resume: true });
    expect(resumed.stopped).toBe(false);
    expect(facts(resumed)).toEqual(facts(whole));
    expect(facts(JSON.parse(await readFile(join(folder, "parts", "search.json"), "utf8")))).toEqual(facts(whole));

    await expect(run("parts", { resume: true, eta: 3 })).rejects.toThrow(/began with other eta, 2, got 3/);
    await expect(run("parts", { resume: true }, { ...OPTIONS, dataset: "digits:500" })).rejects.toThrow(
      /other options/,
    );
    await expect(run("parts")).rejects.toThrow(/is not empty/);
  });

  it("goes on without a candidate that fails", async () => {
    const options = { ...OPTIONS, optimizer: "sgd", loss: "mse", clip: 1e30 } as const;
    const place = { out: join(folder, "failing"), device: "cpu", threads: 1, eta: 2 } as const;
    const { trials, best } = await search(options, { lr: [0.01, 1e30] }, place);
    expect(trials[1].failure).toMatch(/lr 1e\+30 is too high/);
    expect(best?.candidate).toBe(0);
  });
});

it("an error inside a trial is the error of the search", async () => {
  const broken = { throwIfAborted: () => undefined } as unknown as AbortSignal;
  Object.defineProperty(broken, "aborted", {
    get() {
      throw new Error("what went wrong");
    },
  });
  await expect(run("broken", { signal: broken })).rejects.toThrow(/^what went wrong$/);
});

describe("a search refuses, before a trial,", () => {
  const cases: [string, TrainingOptions, object, SearchPlace, RegExp][] = [
    ["nothing that varies", {}, {}, {}, /varies something/],
    ["an unknown key", {}, { lrr: [1] }, {}, /did you mean "lr"/],
    ["the data", {}, { dataset: ["digits"] }, {}, /cannot vary dataset/],
    ["what is learned", {}, { task: ["autoencoder", "classify"] }, {}, /cannot vary task/],
    ["a model of one's own", {}, { model: ["./mine.js"] }, {}, /cannot vary model/],
    ["what a run finds about rows", {}, { rowFacts: [{ features: 784 }] }, {}, /cannot vary rowFacts/],
    ["a value that the key refuses", {}, { lr: [-1] }, {}, /values of lr.*lr/],
    ["a range upside down", {}, { lr: { from: 1, to: 0.1 } }, {}, /range of lr.*got 1\.\.0\.1/],
    ["a range of words", {}, { optimizer: { from: "a", to: "b" } }, {}, /range of optimizer/],
    ["an axis without values", {}, { lr: [] }, {}, /lr has no value/],
    [
      "a network that does not fit the data",
      {},
      {
        layers: [
          [784, 8],
          [10, 2],
        ],
      },
      {},
      /784/,
    ],
    ["a length in steps", { steps: 5, epochs: undefined }, SPACE, {}, /give epochs, not steps/],
    ["less than two candidates", {}, SPACE, { candidates: 1 }, /candidates of a search.*from 2, got 1/],
    ["all data withheld", {}, SPACE, { withheld: 1 }, /withheld fraction.*got 1/],
    ["an unknown setting", {}, SPACE, { etta: 3 } as SearchPlace, /did you mean "eta"/],
    ["to resume nothing", {}, SPACE, { resume: true }, /holds no search to resume/],
  ];
  it.each(cases)("%s", async (_, options, space, place, message) => {
    const out = join(folder, "refused");
    await expect(search({ ...OPTIONS, ...options }, space, { device: "cpu", out, ...place })).rejects.toThrow(message);
    expect(await readdir(folder)).not.toContain("refused");
  });
});

describe("the page of a search", () => {
  it("has the candidates that came farthest first, and a chart for each range", () => {
    const page = renderSearch(
      {
        dataset: "mnist",
        request: { options: {}, vary: { lr: { from: 0.001, to: 0.1 } }, eta: 2, withheld: 0.1, epochs: 1, data: "" },
        candidates: [{ lr: 0.001 }, { lr: 0.01 }, { lr: 0.1 }],
        rungs: [
          { candidates: 3, images: 10 },
          { candidates: 1, images: 20 },
        ],
        trials: [
          { rung: 0, candidate: 0, sse: 3, seconds: 1 },
          { rung: 0, candidate: 1, sse: 2, seconds: 1 },
          { rung: 0, candidate: 2, seconds: 1, failure: "no such luck" },
          { rung: 1, candidate: 1, sse: 1.5, test: 1.25, seconds: 1 },
        ],
      },
      "today",
    );
    expect([...page.matchAll(/<th scope="row">(\d)</g)].map(([, number]) => number)).toEqual(["2", "1", "3"]);
    expect(page).toContain(">failed<");
    expect(page).toContain(">1.25<");
    expect(page.match(/<figure>/g)?.length).toBe(2);
  });

  it("has the errors of the last rungs, where there are more than colours", () => {
    const rungs = Array.from({ length: 12 }, (_, i) => ({ candidates: 2, images: 10 * 2 ** i }));
    const record = {
      dataset: "mnist",
      request: { options: {}, vary: { lr: { from: 0.01, to: 1 } }, eta: 2, withheld: 0.1, epochs: 1, data: "" },
      candidates: [{ lr: 0.01 }, { lr: 0.1 }],
      rungs,
      trials: rungs.flatMap((_, rung) =>
        [0, 1].map((candidate) => ({ rung, candidate, sse: 100 + rung + candidate / 2, seconds: 1 })),
      ),
    };
    const page = renderSearch(record, "today");
    expect(page).toMatch(/Against lr: [^"]*20,?480 images: 111\.5/);
  });
});
