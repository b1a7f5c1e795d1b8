/**
 * Simulates runs for many seeds: `npm run simulate -- --seeds 10000 --first 0`. It continues after a failure, so that one long
 * run finds all failures, and its exit code is then 1. With `--seeds 1` and the seed of a failure as `--first` it replays that
 * failure, and `--trace` prints all its events.
 */
import { Command, InvalidArgumentError } from "commander";
import { openSources } from "../support/source-server.mjs";

const SECOND = 1000;

const count = (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("It is not a whole number from 0.");
  return value;
};
const { seeds, first, trace } = new Command("simulate")
  .description("run simulated fault schedules; each must end with the bits of the run that nothing struck")
  .option("--seeds <count>", "how many", count, 10_000)
  .option("--first <seed>", "the first of them", count, 0)
  .option("--trace", "print every message and every piece of work, with its moment in virtual milliseconds")
  .parse()
  .opts();

const server = await openSources();
const { checkSeed } = await server.ssrLoadModule("/test/simulation/check-seed.ts");
const { SimulatedWorld } = await server.ssrLoadModule("/src/world/simulated/world.ts");

let [failed, survived, resumed, shown] = [0, 0, 0, Date.now()];
for (let seed = first; seed < first + seeds; seed++) {
  try {
    const { failures, lives } = await checkSeed(new SimulatedWorld(seed), trace ? console.log : undefined);
    survived += failures.length;
    if (lives > 1) resumed++;
  } catch (error) {
    failed++;
    console.log(
      `seed ${seed} fails: ${error.message}\n  replay: npm run simulate -- --seeds 1 --first ${seed} --trace`,
    );
  }
  if (Date.now() - shown > 10 * SECOND) {
    shown = Date.now();
    console.log(`${seed + 1 - first} of ${seeds} seeds, ${failed} failed`);
  }
}
await server.close();
console.log(
  `${seeds} seeds from ${first}: ${failed} failed; ${survived} failures were survived, ${resumed} runs resumed after a power cut`,
);
process.exitCode = failed > 0 ? 1 : 0;
