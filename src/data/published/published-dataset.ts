/** What is known of a data set that others published: names of files, where they are, and how to tell an intact copy. */

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
