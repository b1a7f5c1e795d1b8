/**
 * The exercise that torchft published, in virtual time: a worker is killed every 15 s, 1200 times. `npm run outages -- --failures 1200`
 * prints the throughput that was kept beside the same run without failures; the bits must be the same, or the exit code is 1.
 */
import { Command, InvalidArgumentError } from "commander";
import { openSources } from "../support/source-server.mjs";

const whole = (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("It is not a whole number from 1.");
  return value;
};
const { failures, every, workers } = new Command("outages")
  .description("kill a worker again and again in a simulated run, and compare it with the run that nothing struck")
  .option("--failures <count>", "how many", whole, 1200)
  .option("--every <seconds>", "time from one to the next", whole, 15)
  .option("--workers <count>", "as many as parts", whole, 4)
  .parse()
  .opts();

const server = await openSources();
const { SimulatedRun, SPARSE } = await server.ssrLoadModule("/test/simulation/simulated-run.ts");
const { SimulatedWorld } = await server.ssrLoadModule("/src/world/simulated/world.ts");
const { synchronous } = await server.ssrLoadModule("/test/simulation/small-training.ts");
const { difference } = await server.ssrLoadModule("/test/simulation/faultless.ts");

/** Milliseconds that a vector takes over the link: a round takes about a second. */
const VECTOR = 900 / (workers + 1);
const link = { bytesPerSecond: (1000 * 4 * synchronous(workers).length) / VECTOR, latency: 0 };
/** Longer than the last failure. */
const rounds = Math.ceil(1.1 * failures * every);

async function run(strikes) {
  const world = new SimulatedWorld(1);
  const options = { workers, parts: workers, link, triggers: { ...SPARSE, snapshotEvery: 100, rounds } };
  const simulated = await SimulatedRun.start(world, options);
  let count = 0;
  const strike = () => {
    if (count === strikes || simulated.told.end) return;
    simulated.cluster.kill(`worker-${count++ % workers}`);
    world.timers.after(1000 * every, strike);
  };
  const times = [];
  simulated.told.onProgress = () => {
    times.push(world.clock.now());
    if (times.length === 1 && strikes > 0) world.timers.after(1000 * every, strike);
  };
  const { state } = await simulated.finish(100 * 1000 * rounds);
  return { state, count, milliseconds: times.at(-1) - times[0], done: times.length };
}

const calm = await run(0);
const struck = await run(failures);
await server.close();
const what = difference(struck.state, calm.state);
const kept = ((100 * calm.milliseconds) / struck.milliseconds).toFixed(1);
console.log(
  `${workers} workers, ${struck.count} killed, one every ${every} s, ${rounds} rounds of ${(calm.milliseconds / (rounds - 1)).toFixed(0)} ms: ${kept} % of the throughput kept, ${what ?? "the same bits"}`,
);
process.exitCode = what === undefined ? 0 : 1;
