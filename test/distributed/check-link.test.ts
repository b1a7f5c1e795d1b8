/** Which links a run can have. */
import { expect, it } from "vitest";
import { DEFAULT_TIMES } from "../../src/cluster/times.js";
import { checkLink } from "../../src/distributed/check-link.js";
import type { Rounds } from "../../src/strategies/rounds/replica.js";
import { parseLink } from "../../src/transport/link.js";
import { parseDuration } from "../../src/world/duration.js";

const rounds = { parts: 2, length: 1e6, participants: () => [0, 1] } as unknown as Rounds;

const check = (link: string, times = {}): void =>
  checkLink(parseLink(link), rounds, { workers: 2, pipeline: false, times: { ...DEFAULT_TIMES, ...times } });

it.each(["1Gbps,0ms", "100Mbps,20ms", "1Gbps,375ms"])("%s is one", (link) => check(link));

it("refuses a latency at which a worker would seem to be lost before it can answer", () => {
  expect(() => check("1Gbps,376ms")).toThrow(
    "a message and its answer take 752ms over this link, and the timeout is 1.5s: give it at least twice that, --timeout 2s, or a faster link",
  );
  check("1Gbps,376ms", { timeout: 2000 });
});

it.each([
  ["1Mbps,1ms", "the vectors of a round take 129s over this link, and the step timeout is 1m"],
  ["1bps,1ms", "over this link, and the step timeout is 1m: give a faster link"],
  ["1Gbps,24h", "a faster link"],
])("refuses %s: %s", (link, message) => expect(() => check(link)).toThrow(message));

it("advises only what a user can write", () => {
  const advised = ["1Mbps,1ms", "10kbps,3ms", "1Gbps,30s", "1Gbps,1h", "1bps,1ms"].map(
    (link) => /--(?:step-)?timeout (\S+),/.exec(refusal(link).message)?.[1],
  );
  expect(advised.map((text) => text && parseDuration(text))).toEqual([257e3, 25601e3, 241e3, 28801e3, undefined]);
});

function refusal(link: string): Error {
  try {
    check(link);
  } catch (error) {
    return error as Error;
  }
  throw new Error(`${link} was not refused`);
}
