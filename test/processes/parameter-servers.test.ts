/**
 * Parameter servers in real processes: 4 workers and 2 servers, of which a worker, a server and the coordinator are killed. The
 * order on disk gives the bits of the run in one process.
 */
import { describe, expect, it } from "vitest";
import { isCommit, type Order, parseOrder } from "../../src/parameter-server/order-file.js";
import { lastLine, Workplace } from "../cli/dawnpour.js";
import { expectOneCourse, expectRecovery, Metrics } from "./metrics.js";

const place = new Workplace();

const [PARTS, STEPS] = [4, 160];
const NETWORK = ["--dataset", "digits:300", "--layers", "784,16,4", "--batch", "48", "--steps", String(STEPS)];
const RUN = [
  "train",
  ...NETWORK,
  "--workers",
  String(PARTS),
  "--servers",
  "2",
  "--device",
  "cpu",
  "--no-pca",
  "--json",
];
const FAULTS = ["kill worker-1 at step 30", "kill server-1 at step 60", "kill coordinator at step 90"];

const sha256 = (stdout: string): string => JSON.parse(lastLine(stdout)).parametersSha256;

async function orderOf(run: string): Promise<Order> {
  return parseOrder((await place.read(run, "order.jsonl")).toString(), run);
}

/** The most entries of a piece between what a contribution read and itself, and the contributions that are not in the order of parts. */
function disorder({ pieces }: Order): { readonly behind: number; readonly outOfOrder: number } {
  const [{ entries }] = pieces;
  const commits = entries.filter(isCommit);
  const behind = entries.map((entry, i) => (isCommit(entry) ? i - entry.reads[0] : 0));
  const outOfOrder = commits.filter(({ part }, i) => i > 0 && part !== (commits[i - 1].part + 1) % PARTS).length;
  return { behind: Math.max(...behind), outOfOrder };
}

describe.each(["downpour", "stale:bound=3"])("%s", (strategy) => {
  it("replays to the same bits in one process, with a worker, a server and the coordinator killed", async () => {
    const out = strategy.replace(/\W/g, "-");
    const struck = await place.run(...RUN, "--strategy", strategy, "--faults", FAULTS.join("; "), "--out", out);
    expect([struck.code, struck.code === 0 ? "" : struck.stderr]).toEqual([0, ""]);
    const metrics = await Metrics.of(place, out);
    expectOneCourse(metrics, STEPS);
    const start = metrics.events.find((event) => event.event === "start");
    expect(start?.place).toMatchObject({ kind: "workers", servers: 2 });
    for (const fault of FAULTS) expectRecovery(metrics, fault.split(" at ")[0], fault.split(" ")[1], /SIGKILL/);
    const order = await orderOf(out);
    const commits = order.pieces.flatMap(({ entries }) => entries.filter(isCommit));
    expect(commits.length).toBeGreaterThanOrEqual(500);
    expect(order.pieces[1].entries.filter((entry) => "restore" in entry)).toHaveLength(1);
    const { behind, outOfOrder } = disorder(order);
    expect([behind > 0, outOfOrder > 0]).toEqual([true, true]);
    const replayed = await place.run("replay", out, "--device", "cpu", "--json");
    expect([replayed.code, replayed.code === 0 ? "" : replayed.stderr]).toEqual([0, ""]);
    expect(JSON.parse(lastLine(replayed.stdout))).toMatchObject({ step: STEPS, isEqual: true });
    expect(sha256(replayed.stdout)).toBe(sha256(struck.stdout));
  });
});

it("replays a run that was resumed, from the checkpoint that it was resumed from, as long as that is kept", async () => {
  const begin = [
    "train",
    "--dataset",
    "digits:100",
    "--layers",
    "784,8,2",
    "--batch",
    "20",
    "--workers",
    "2",
    "--no-pca",
  ];
  const own = ["--strategy", "downpour:push=2,fetch=4", "--device", "cpu", "--steps", "20", "--checkpoint-every", "1"];
  const first = await place.run(...begin, ...own, "--keep", "100", "--out", "begun");
  // The end of a process can cut a line off.
  await place.append("begun/order.jsonl", '{"piece":0,"part":1,"li');
  const resume = ["train", "--resume", "--out", "begun", "--workers", "2", "--device", "cpu", "--no-pca"];
  const second = await place.run(...resume, "--servers", "2", "--steps", "40");
  expect([first.code, second.code]).toEqual([0, 0]);
  const replayed = await place.run("replay", "begun", "--device", "cpu", "--json");
  expect(JSON.parse(lastLine(replayed.stdout))).toMatchObject({ step: 40, isEqual: true });
  const third = await place.run(...resume, "--steps", "60", "--keep", "1");
  const refused = await place.run("replay", "begun", "--device", "cpu");
  expect([third.code, refused.code]).toEqual([0, 1]);
  expect(refused.stderr).toContain("was resumed after step 40, and the checkpoint of that step is gone");
});

it("servers of synchronous have its bits, with a worker, a server and the coordinator killed", async () => {
  const [workers, steps] = ["2", 90];
  const run = [
    "train",
    ...NETWORK.slice(0, -1),
    String(steps),
    "--parts",
    "3",
    "--device",
    "cpu",
    "--no-pca",
    "--json",
  ];
  const faults = ["kill worker-1 at step 20", "kill server-1 at step 40", "kill coordinator at step 60"];
  const plain = await place.run(...run, "--workers", workers, "--out", "plain");
  const served = ["--workers", workers, "--reduce", "servers:2", "--faults", faults.join("; "), "--out", "served"];
  const struck = await place.run(...run, ...served);
  expect([struck.code, struck.code === 0 ? "" : struck.stderr]).toEqual([0, ""]);
  expect(sha256(struck.stdout)).toBe(sha256(plain.stdout));
  const metrics = await Metrics.of(place, "served");
  expectOneCourse(metrics, steps);
  for (const fault of faults) expectRecovery(metrics, fault.split(" at ")[0], fault.split(" ")[1], /SIGKILL/);
  // A run with servers goes on without them.
  const onward = ["--resume", "--device", "cpu", "--no-pca", "--json", "--workers", "1", "--steps", "100"];
  const [one, other] = [
    await place.run("train", ...onward, "--out", "served"),
    await place.run("train", ...onward, "--out", "plain"),
  ];
  expect(sha256(one.stdout)).toBe(sha256(other.stdout));
});
