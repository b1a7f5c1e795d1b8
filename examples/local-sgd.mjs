// A strategy of your own, local SGD (Stich 2018): every part trains by itself for H steps, then all continue from the mean of
// their parameters. This file trains on three worker processes, of which one is killed, then on one worker, with the same result:
// node examples/local-sgd.mjs
// The command line takes the strategy as well: npx dawnpour train --workers 3 --strategy ./examples/local-sgd.mjs:H=4
import { fileURLToPath } from "node:url";

export default function localSgd({ H = 8 }, { parts, batch, state, rows }) {
  return {
    name: "my-local-sgd",
    promise: "invariant",
    parts,
    needs: "sum",
    // All parts share the parameters. Each part has its own state of the optimizer.
    global: [{ name: "parameters", initial: "parameters" }],
    local: state.slice(1).map((name) => ({ name })),
    advance: () => ({ steps: H, samples: H * batch }),
    rows: (round, part) => ({ rows: rows(round * H, H, part) }),

    // One worker runs this for each part. Its learner has the shared parameters and the optimizer's state of the part.
    async contribute(learner, { rows, step, next, out }) {
      const loss = await learner.steps(H, rows, step);
      await learner.save({ parameters: out, ...next });
      return loss / parts;
    },

    // Every worker runs this, and all get the same bits.
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

// The processes of a run import this file too, but only for the strategy.
if (process.argv[1] === fileURLToPath(import.meta.url)) main();
