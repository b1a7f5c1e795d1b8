// A compressor of your own: in each round a part sends one of `pieces` stretches of its contribution, in turn. What it does not send
// stays in its residual, which is added to its next contribution. This file trains on three worker processes, of which one is
// killed, then on one worker, with the same result:
// node examples/pieces.mjs
// The command line takes the compressor as well: npx dawnpour train --workers 3 --compress ./examples/pieces.mjs:pieces=4
import { fileURLToPath } from "node:url";

export default function rotating({ pieces = 4 }) {
  const stretch = (length, turn) => [Math.floor((length * turn) / pieces), Math.floor((length * (turn + 1)) / pieces)];
  const most = (length) => Math.ceil(length / pieces);
  return {
    name: "pieces",
    // A vector of each part's own; its first element counts rounds. It is saved and restored with the part.
    local: ["turn"],
    // The most bytes of an encoded contribution: the turn, then a stretch.
    bytes: (length) => Math.min(4 * length, 4 + 4 * most(length)),

    // One worker runs this for each part. It must depend on its arguments alone.
    encode(vector, out, { local }) {
      const turn = local.turn[0] % pieces;
      local.turn[0] = turn + 1;
      const [start, end] = stretch(vector.length, turn);
      out[0] = turn;
      out.set(new Uint8Array(vector.slice(start, end).buffer), 4);
      return 4 + 4 * (end - start);
    },

    decode(encoded, out) {
      const [start] = stretch(out.length, encoded[0]);
      out.fill(0);
      out.set(new Float32Array(encoded.slice(4).buffer), start);
    },
  };
}

async function main() {
  const { train } = await import("dawnpour");
  const compress = { module: new URL(import.meta.url), options: { pieces: 4 } };
  const config = { dataset: "digits:600", layers: [784, 32, 8], batch: 48, parts: 3, steps: 240, compress };
  const struck = { workers: 3, faults: "kill worker-1 at step 40" };
  for (const place of [struck, { workers: 1 }]) {
    const run = await train(config, { ...place, device: "cpu", pca: false });
    console.log(`workers ${place.workers}: ${run.parametersSha256}, error ${run.measures.errors.test.sse.toFixed(1)}`);
    run.close();
  }
}

// The processes of a run import this file too, but only for the compressor.
if (process.argv[1] === fileURLToPath(import.meta.url)) main();
