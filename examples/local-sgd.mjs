// A strategy of one's own, local SGD (Stich 2018): every part trains by itself for H steps, then all go on from the mean of
// their parameters. Run on three worker processes, one of which is killed on the way, and on one: node examples/local-sgd.mjs
// It can be named on the command line, too: npx dawnpour train --workers 3 --strategy ./examples/local-sgd.mjs:H=4
import { fileURLToPath } from "node:url";

export default function localSgd({ H = 8 }, { parts, batch, state, rows }) {
  return {
    name: "my-local-sgd",
    promise: "invariant",
    parts,
    needs: "sum",
    // One for all, and what the optimizer of each part keeps.
    global: [{ name: "parameters", initial: "parameters" }],
    local: state.slice(1).map((name) => ({ name })),
    advance: () => ({ steps: H, samples: H * batch }),
    rows: (round, part) => ({ rows: rows(round * H, H, part) }),

    // On some worker: the learner has the parameters of all and the optimizer of this part.
    async contribute(learner, { rows, step, next, out }) {
      const loss = await learner.steps(H, rows, step);
      await learner.save({ parameters: out, ...next });
      return loss / parts;
    },

    // On every worker, by the same bits.
    async aggregate({ state }, reduce) {
      const sum = await reduce.sum();
      state.parameters.set(sum.map((value) => value / parts));
    },
  };
}

async function main() {
  const { train } = await import("dawnpour");
  const strategy = { module: new URL(import.meta.url), options: { H: 4 } };
  const config = { dataset: "digits:600", layers: [784, 32, 8], batch: 48, parts: 3, steps: 240, strategy };
  const struck = { workers: 3, faults: "kill worker-1 at step 40" };
  for (const place of [struck, { workers: 1 }]) {
    const run = await train(config, { ...place, device: "cpu", pca: false });
    console.log(`workers ${place.workers}: ${run.parametersSha256}, error ${run.measures.errors.test.sse.toFixed(1)}`);
    run.close();
  }
}

// The processes of a run import this file for the strategy alone.
if (process.argv[1] === fileURLToPath(import.meta.url)) main();
