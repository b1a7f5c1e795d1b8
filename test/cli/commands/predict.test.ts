/** `dawnpour predict` on the command line: its table, its files, and what it refuses. */
import { expect, it } from "vitest";
import type { Prediction } from "../../../src/prediction/predict.js";
import { lastLine, Workplace } from "../dawnpour.js";

const place = new Workplace();

it("prints a table, and writes curves and numbers", async () => {
  await place.write("model.json", '{"name": "H200", "flops": 4e13, "bytesPerSecond": 4e12}');
  const how = [
    "--workers",
    "40",
    "--strategy",
    "diloco:H=50",
    "--compress",
    "int8",
    "--link",
    "1Gbps,5ms",
    "--out",
    "p",
  ];
  const place40 = ["--chaos", "mtbf=2m", "--device-model", "model.json", "--price", "3/h", "--json"];
  const { code, stdout, stderr } = await place.run("predict", ...how, ...place40);
  expect([code, stderr.split("\n").length]).toEqual([0, 1 + 6 + 2]);
  const { predictions } = JSON.parse(lastLine(stdout)) as { predictions: Prediction[] };
  expect(predictions.map(({ workers }) => workers)).toEqual([1, 2, 5, 10, 20, 40]);
  expect(JSON.parse((await place.read("p/prediction.json")).toString())).toEqual(predictions);
  expect((await place.read("p/prediction.html")).toString()).toContain("H200, link 1Gbps,5ms, star, mtbf=2m");
});

it.each([
  [["--price", "3"], /--price "3": write the price of a worker for an hour, 3\/h/],
  [["--chaos", "mtbf=2m,kinds=kill"], /--chaos: a prediction has no kinds: write mtbf=8h/],
  [["--link", "fast"], /link "fast": write bits a second and a time, --link 1Gbps,1ms/],
  [["--compress", "topk:2"], /compressor topk: share must be a number from 0.000001 to 1, got 2/],
])("%j is refused", async (wrong, message) => {
  const { code, stderr } = await place.run("predict", "--workers", "2", ...wrong);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});
