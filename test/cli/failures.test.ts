/** The report has the failures that metrics.jsonl records. The report of a run without failures does not mention any. */
import { expect, it } from "vitest";
import { SMALL, Workplace } from "./dawnpour.js";

const place = new Workplace();

it("shows in its report what failed, of a resumed run too", async () => {
  const report = async () => (await place.read("run", "report.html")).toString();
  await place.train(...SMALL, "--steps", "20", "--out", "run");
  expect(await report()).not.toContain("Failures");
  const at = { step: 10, epoch: 1, time: 0.1 };
  const events = [
    { ...at, event: "fault", id: 1, fault: "kill worker-1", target: "worker-1" },
    {
      ...at,
      ...{ event: "recovery", target: "worker-1", failure: "its process was killed", faults: [1], stepsLost: 1 },
      ...{ noticed: 0.125, resumed: 0.25, waitedFrom: 0.05, waited: 0.2, away: true },
    },
  ];
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join("");
  await place.write("run/metrics.jsonl", (await place.read("run", "metrics.jsonl")).toString() + lines);
  await place.train("--resume", "--steps", "30", "--out", "run");
  const page = await report();
  expect(page).toContain("Failures</h2>");
  expect(page).toContain("1 fault was injected. 1 failure was noticed");
  // An option stays in one line of the page.
  expect(page.replace(/<\/?span[^>]*>/g, "")).toMatch(/>Command line<\/th><td>[^<]*--resume --steps 30 --out run</);
  expect(page).toContain("kill worker-1<small>its process was killed</small>");
});
