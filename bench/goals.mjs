/**
 * What must hold, and whether it does: speeds relative to a peer in the same run, or to the measured peak.
 */
const LARGE = "784-1000-500-250-30-250-500-1000-784";
const SMALL = "784-256-32-256-784";
const GEMM_CPU = [
  "512x512x512 nn",
  "1024x1024x1024 nn",
  "2048x2048x2048 nn",
  "128x784x1000 nn",
  "1000x784x128 tn",
  "4096x784x1024 nn",
];
const STEPS = [SMALL, LARGE].flatMap((network) => [128, 1024].map((batch) => `${network} batch ${batch}`));

const faster = (device, names, peer, times) => names.map((name) => ({ device, name, peer, times }));

const GOALS = [
  ...faster("cpu", GEMM_CPU, "NumPy", 1),
  ...faster("cpu", [`${LARGE} batch 128`], "PyTorch", 1.8),
  ...faster("cpu", [`${LARGE} batch 1024`], "PyTorch", 1.15),
  ...faster("cpu", [`${SMALL} batch 128`], "PyTorch", 1.6),
  ...faster("cpu", [`${SMALL} batch 1024`], "PyTorch", 1.3),
  ...faster("cpu", STEPS, "TensorFlow.js", 40),
  ...faster("software", ["1024x1024x1024 nn"], "TensorFlow.js", 3),
  ...faster("software", STEPS, "TensorFlow.js", 4),
  ...faster("gpu", STEPS, "PyTorch", 1),
  { device: "gpu", name: "4096x4096x4096 nn", share: 0.6 },
];

const classOf = ({ kind, software }) => (kind === "cpu" ? "cpu" : software ? "software" : "gpu");

export const hasGoal = (device, name) => GOALS.some((goal) => goal.device === classOf(device) && goal.name === name);

/** The goals of a device's results that were measured: each with what was `reached`. */
export function goalsOf(device, results) {
  return GOALS.filter((goal) => goal.device === classOf(device)).flatMap((goal) => {
    const result = results.find(({ name }) => name === goal.name);
    const reached = goal.peer ? result?.peers[goal.peer]?.ratio : result?.share;
    return reached === undefined ? [] : [{ ...goal, reached, met: reached >= (goal.times ?? goal.share) }];
  });
}
