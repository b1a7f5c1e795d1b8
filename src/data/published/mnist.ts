import type { PublishedDataset } from "./published-dataset.js";

/** LeCun, Cortes & Burges 1998. */
export const MNIST: PublishedDataset = {
  name: "mnist",
  title: "MNIST",
  folders: ["mnist", "MNIST/raw"],
  mirrors: ["https://storage.googleapis.com/cvdf-datasets/mnist", "https://ossci-datasets.s3.amazonaws.com/mnist"],
  trainImages: {
    name: "train-images-idx3-ubyte",
    bytes: 9912422,
    sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
  },
  trainLabels: {
    name: "train-labels-idx1-ubyte",
    bytes: 28881,
    sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
  },
  testImages: {
    name: "t10k-images-idx3-ubyte",
    bytes: 1648877,
    sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
  },
  testLabels: {
    name: "t10k-labels-idx1-ubyte",
    bytes: 4542,
    sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
  },
  testLabelsDigest: "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
};
