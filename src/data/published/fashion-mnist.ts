import type { PublishedDataset } from "./published-dataset.js";

/** Xiao, Rasul & Vollgraf 2017. */
export const FASHION_MNIST: PublishedDataset = {
  name: "fashion-mnist",
  title: "Fashion-MNIST",
  folders: ["fashion-mnist", "FashionMNIST/raw"],
  mirrors: [
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
  ],
  trainImages: {
    name: "train-images-idx3-ubyte",
    bytes: 26421880,
    sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
  },
  trainLabels: {
    name: "train-labels-idx1-ubyte",
    bytes: 29515,
    sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
  },
  testImages: {
    name: "t10k-images-idx3-ubyte",
    bytes: 4422102,
    sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
  },
  testLabels: {
    name: "t10k-labels-idx1-ubyte",
    bytes: 5148,
    sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
  },
  testLabelsDigest: "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
};
