/**
 * Simulates runs with parameter servers whose parts come together, for many seeds: `npm run simulate:servers -- --seeds 10000`. Each must
 * end with the bits of the run without servers. It continues after a failure, and its exit code is then 1.
 */
import { Command, InvalidArgumentError } from "commander";
import { openSources } from "../support/source-server.mjs";

const count = (text) => {
  const value = Number(text);
  if (text === "" || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError("It is not a whole number from 0.");
  }
  return value;
};
const { seeds, first } = new Command("simulate:servers")
  .description("run simulated fault schedules of synchronous and map-reduce on parameter servers")
  .option("--seeds <count>", "how many of each strategy", count, 10_000)
  .option("--first <seed>", "the first of them", count, 0)
  .parse()
  .opts();

const server = await openSources();
const { alone, checkBulkSeed } = await server.ssrLoadModule("/test/parameter-server/bulk-seed.ts");
const { strategies } = await server.ssrLoadModule("/src/strategies/registry.ts");

let failed = 0;
for (const name of ["synchronous", "map-reduce"]) {
  const expected = await alone(strategies[name]);
  for (let seed = first; seed < first + seeds; seed++) {
    try {
      await checkBulkSeed(strategies[name], seed, expected);
    } catch (error) {
      failed++;
      console.log(`${name}: ${error.message}`);
    }
  }
  console.log(`${name}: ${seeds} seeds from ${first}`);
}
await server.close();
console.log(`${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
