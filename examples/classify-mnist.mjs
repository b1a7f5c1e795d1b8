// Trains the classifier 784-200-200-10 on MNIST, on a GPU if there is one, else on the CPU: more than 98 % of the test images are
// right after 12 epochs. MNIST is downloaded, or taken from the folder in DAWNPOUR_DATA; an argument gives other epochs.
import { fit, layers, loadDataset, losses, optimizers, schedules } from "dawnpour";

const { dense, dropout, sequential } = layers;
const { train, test } = await loadDataset("mnist");
const rows = ({ images, labels, features, scale }) => ({ x: images, labels, features, scale });

const model = sequential([
  dropout(0.1),
  dense(200, { activation: "relu", initialiser: "he" }),
  dropout(0.3),
  dense(200, { activation: "relu", initialiser: "he" }),
  dropout(0.3),
  dense(10),
]);
const optimizer = optimizers.chain(
  optimizers.clipByNorm(5),
  optimizers.schedule(schedules.cosine({ warmup: 200 })),
  optimizers.adam({ learningRate: 0.002 }),
);
const result = await fit(model, losses.crossEntropy(), rows(train), {
  ...{ optimizer, epochs: Number(process.argv[2] ?? 12), validation: rows(test), keepBest: false },
  callbacks: [
    ({ epoch, train: { loss }, validation }) =>
      console.log(`epoch ${epoch}: loss ${loss.toFixed(4)}, test ${(100 * validation.accuracy).toFixed(2)} % right`),
  ],
});
const [first] = await result.model.predict(Float32Array.from(test.images.slice(0, 784), (byte) => byte * test.scale));
console.log(`on ${result.model.device.info.name}; the first logit of the first test image is ${first.toFixed(3)}`);
result[Symbol.dispose]();
