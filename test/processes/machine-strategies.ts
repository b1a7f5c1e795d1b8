/** Options of small runs, one for each strategy and compressor that keeps its bits whatever its workers are. */
const SMALL = ["--layers", "784,32,8", "--epochs", "3", "--batch", "100", "--parts", "3"];
const DATA = "digits:1000";
const MINE = new URL("../../examples/local-sgd.mjs", import.meta.url).pathname;

const small = (...options: readonly string[]): readonly string[] => [DATA, ...SMALL, ...options];

export const STRATEGY_RUNS: Readonly<Record<string, readonly string[]>> = {
  synchronous: small(),
  "local-sgd": small("--strategy", "local-sgd:H=8"),
  dasgd: small("--strategy", "dasgd"),
  slowmo: small("--strategy", "slowmo"),
  diloco: small("--strategy", "diloco"),
  "streaming-diloco": small("--strategy", "streaming-diloco"),
  easgd: small("--strategy", "easgd"),
  admm: small("--strategy", "admm"),
  sequential: small("--strategy", "sequential"),
  "map-reduce": small("--strategy", "map-reduce"),
  sandblaster: small("--strategy", "sandblaster"),
  robust: small("--strategy", "robust"),
  "a module": small("--strategy", `${MINE}:H=4`),
  int8: small("--compress", "int8"),
  powersgd: small("--compress", "powersgd:rank=2"),
  f16: small("--compress", "f16"),
  onebit: small("--compress", "onebit"),
  topk: small("--compress", "topk"),
  "local-sgd, int8": small("--strategy", "local-sgd:H=4", "--compress", "int8"),
  classify: [DATA, "--task", "classify", ...SMALL.map((word) => (word === "784,32,8" ? "784,32,10" : word))],
  denoising: small("--denoise", "mask:0.25"),
};
