/**
 * The goals for speed, relative to a peer in the same run or to the measured peak, and whether results reach them.
 */
import { least } from "d3-array";
import { OUR_F32 } from "./contestants.mjs";

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

const MODELS = ["classifier 784-512-512-10 batch 128", "VAE 784-500-500-20 batch 128"];

const SPLIT = ["1024x1024x1024 nn", "2048x2048x2048 nn"];

const faster = (device, names, peer, times) => names.map((name) => ({ device, name, peer, times }));

/** The fastest peer at the case. `OUR_F32` does not count as a peer here. */
const BEST = "best peer";

const GOALS = [
  ...faster("cpu", GEMM_CPU, BEST, 1),
  ...faster("cpu", [`${LARGE} batch 128`, `${SMALL} batch 128`], BEST, 1.5),
  ...faster("cpu", [`${LARGE} batch 1024`, `${SMALL} batch 1024`], BEST, 1.15),
  ...faster("cpu", STEPS, "TensorFlow.js", 40),
  ...faster("cpu", MODELS, "TensorFlow.js", 10),
  ...faster("cpu", MODELS, "PyTorch", 1),
  // These goals hold for a chip that multiplies pairs of bf16 faster than f32 (AMX).
  ...faster("cpu", SPLIT, OUR_F32, 1.6),
  ...faster("cpu", SPLIT, "NumPy", 1.6).map((goal) => ({ ...goal, besides: OUR_F32 })),
  ...faster("cpu", ["1024x1024x1024 nn bf16"], OUR_F32, 5),
  ...faster("cpu", [`${LARGE} batch 128 bf16`], OUR_F32, 2),
  ...faster("cpu", [`${LARGE} batch 128 bf16`], "PyTorch", 1.5),
  ...faster("cpu", [`${LARGE} batch 1024 bf16`], OUR_F32, 3),
  ...faster("cpu", [`${LARGE} batch 1024 bf16`], "PyTorch", 1.3),
  ...faster("software", ["1024x1024x1024 nn"], "TensorFlow.js", 3),
  ...faster("software", STEPS, "TensorFlow.js", 4),
  ...faster("software", MODELS, "TensorFlow.js", 3),
  ...faster("gpu", STEPS, "PyTorch", 1),
  { device: "gpu", name: "4096x4096x4096 nn", share: 0.6 },
];

const classOf = ({ kind, software }) => (kind === "cpu" ? "cpu" : software ? "software" : "gpu");

export const hasGoal = (device, name) => GOALS.some((goal) => goal.device === classOf(device) && goal.name === name);

/** The goals of a device for which there are results. Each has what was `reached`, and the name of the peer. */
export function goalsOf(device, results) {
  return GOALS.filter((goal) => goal.device === classOf(device)).flatMap((goal) => {
    const result = results.find(({ name }) => name === goal.name);
    if (goal.besides && !result?.peers[goal.besides]) return [];
    const peer = goal.peer === BEST ? result && bestPeer(result) : goal.peer;
    const reached = peer ? result?.peers[peer]?.ratio : result?.share;
    return reached === undefined ? [] : [{ ...goal, peer, reached, met: reached >= (goal.times ?? goal.share) }];
  });
}

function bestPeer({ peers }) {
  const able = Object.keys(peers).filter((peer) => peer !== OUR_F32 && peers[peer].ratio !== undefined);
  return least(able, (peer) => peers[peer].ratio);
}
