/** Faults of simulated runs with parameter servers. */
import type { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import type { ServedRun, ServedRunOptions } from "./served-run.js";

/** One fault at a random moment. */
export function strike(
  run: ServedRun,
  world: SimulatedWorld,
  random: Random,
  { workers, servers }: ServedRunOptions,
): string {
  const nodes = [
    `worker-${random.below(workers)}`,
    `worker-${random.below(workers)}`,
    `server-${random.below(servers)}`,
    "coordinator",
  ];
  const node = nodes[random.below(nodes.length)];
  const other = nodes[random.below(nodes.length)];
  const length = random.between(50, 2500);
  const deeds: Record<string, () => void> = {
    kill: () => run.cluster.kill(node),
    "kill again": () => run.cluster.kill(node),
    hang: () => run.cluster.hang(node, length),
    lose: () => run.cluster.lose(random.below(workers)),
    cut: () => {
      run.network.cut(node, other);
      world.timers.after(length, () => run.network.heal());
    },
  };
  const names = Object.keys(deeds);
  const name = names[random.below(names.length)];
  const at = random.between(20, 400);
  world.timers.after(at, () => {
    if (!run.told.end) deeds[name]();
  });
  return `${name} ${node} ${other} at ${at.toFixed(0)}`;
}
