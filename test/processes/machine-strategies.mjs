/**
 * Each strategy and compressor over NATS on two machines, against the same run in one process: the bits must be equal. It runs as
 * `npm run machine-strategies`; arguments choose some of the runs.
 */
import { openSources } from "../support/source-server.mjs";

const sources = await openSources();
const { Machines } = await sources.ssrLoadModule("/test/support/machines.ts");
const { STRATEGY_RUNS } = await sources.ssrLoadModule("/test/processes/machine-strategies.ts");
const chosen = process.argv.slice(2);
const runs = Object.entries(STRATEGY_RUNS).filter(([name]) => chosen.every((word) => name.includes(word)));
const machines = new Machines();
let failed = runs.length === 0 ? 1 : 0;
try {
  await machines.server();
  for (const name of ["first", "second"]) machines.worker(name);
  for (const [i, [name, options]] of runs.entries()) {
    try {
      const alone = await machines.alone(`alone-${i}`, ...options).result();
      const together = await machines.coordinate(`together-${i}`, ...options).result();
      const isSame = alone.parametersSha256 === together.parametersSha256;
      if (!isSame) failed++;
      console.log(`${name}: ${isSame ? "same bits" : "FAILED: other bits"}, ${together.steps} steps`);
    } catch (error) {
      failed++;
      console.log(`${name}: FAILED: ${error.message}`);
    }
  }
} finally {
  await machines.close();
  await sources.close();
}
process.exit(failed > 0 ? 1 : 0);
