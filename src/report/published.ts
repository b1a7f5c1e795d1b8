/** Published results, to compare a run with. Each holds for one data set and one code size and is shown only there. */
interface PublishedResult {
  readonly method: string;
  readonly source: string;
  /** On the test set. */
  readonly sse: number;
}

/** Hinton & Salakhutdinov 2006, Reducing the dimensionality of data with neural networks, Science 313: MNIST, 30 units. */
const MNIST_30: readonly PublishedResult[] = [
  { method: "Logistic PCA", source: "Hinton & Salakhutdinov 2006", sse: 8.01 },
  { method: "Autoencoder 784-1000-500-250-30", source: "Hinton & Salakhutdinov 2006", sse: 3.0 },
];

export function publishedResults(dataset: string, codeSize: number): readonly PublishedResult[] {
  return dataset.toLowerCase() === "mnist" && codeSize === 30 ? MNIST_30 : [];
}
