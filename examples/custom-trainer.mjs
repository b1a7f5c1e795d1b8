// A trainer of your own: three actors each train on their part of the data, and average their parameters after each round (local
// SGD, McDonald et al. 2010). One of them fails, and the others go on without it: node examples/custom-trainer.mjs
import { Autoencoder, DEFAULT_SCHEDULE, data, defaultOptimizer, loadDataset, openDevice, Trainer } from "dawnpour";
import { ActorSystem, nodeWorld } from "dawnpour/actors";

const [WORKERS, ROUNDS, STEPS] = [3, 12, 25];
const world = nodeWorld();
const { train } = await loadDataset("digits:3000", { world });
const model = new Autoencoder({
  ...{ layers: [train.features, 128, 16], activation: "relu", codeActivation: "linear" },
  ...{ outputActivation: "sigmoid", initialiser: "glorot" },
});

/** Trains on its part of the images. A fresh incarnation opens a fresh device. */
const worker = (index) => async () => {
  const share = train.count / WORKERS;
  const trainer = await Trainer.create({
    ...{ device: await openDevice({ device: "cpu", threads: 1 }), model, batch: 50, loss: "mse", seed: 1 },
    split: data.sliceSplit(train, index * share, (index + 1) * share),
    ...{ optimizer: { ...defaultOptimizer("sgd"), learningRate: 20 }, schedule: DEFAULT_SCHEDULE },
    totalSteps: ROUNDS * STEPS,
  });
  return {
    async receive({ round, parameters, replyTo }) {
      if (index === 2 && round === 4 && !broken++) throw new Error("its device broke");
      trainer.restore({ step: round * STEPS, parameters, optimizer: {} });
      const losses = await trainer.enqueue(STEPS);
      replyTo.tell({ parameters: (await trainer.state()).parameters, loss: losses.at(-1) });
    },
    ended: () => trainer.destroy(),
  };
};
let broken = 0;

const system = new ActorSystem({ world });
const workers = Array.from({ length: WORKERS }, (_, i) => system.spawn(`worker-${i}`, worker(i)));
let parameters = model.initialParameters(0);
for (let round = 0; round < ROUNDS; round++) {
  const asked = workers.map((ref) => ref.ask((replyTo) => ({ round, parameters, replyTo }), 10_000));
  const done = (await Promise.allSettled(asked)).flatMap(({ value }) => value ?? []);
  parameters = parameters.map((_, i) => done.reduce((sum, one) => sum + one.parameters[i], 0) / done.length);
  const loss = done.reduce((sum, one) => sum + one.loss, 0) / done.length;
  console.log(`round ${round}: loss ${loss.toFixed(4)}, mean of ${done.length} workers`);
}
await system.stop(5000);
