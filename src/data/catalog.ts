/**
 * The data sets known by name: what their files are called, where they are published, and how to tell that a copy is
 * intact. MNIST: LeCun, Cortes & Burges 1998. Fashion-MNIST: Xiao, Rasul & Vollgraf 2017.
 */

/** One published file: gzip of an IDX array. */
export interface PublishedFile {
  /** Without the suffix `.gz`. */
  readonly name: string;
  /** Size and digest of the gzip file. */
  readonly bytes: number;
  readonly sha256: string;
}

export interface PublishedDataset {
  readonly name: string;
  readonly title: string;
  /** Folders it is commonly unpacked into. */
  readonly folders: readonly string[];
  /** Base addresses, the preferred one first. */
  readonly mirrors: readonly string[];
  readonly trainImages: PublishedFile;
  readonly trainLabels: PublishedFile;
  readonly testImages: PublishedFile;
  readonly testLabels: PublishedFile;
  /** Digest of the 10,000 test labels alone: tells apart data sets whose files have the same names. */
  readonly testLabelsDigest: string;
}

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

export const PUBLISHED: readonly PublishedDataset[] = [MNIST, FASHION_MNIST];
