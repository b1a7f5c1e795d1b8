/**
 * Words in the names of files, arrays and columns, and their meaning for the rows. Only whole words count: `values` is
 * no `val`.
 */

/** The purpose of rows. */
export type Part = "train" | "test" | "validation";
export type Kind = "values" | "labels";

export interface Role {
  readonly part?: Part;
  readonly kind?: Kind;
}

const PARTS: Readonly<Record<Part, readonly string[]>> = {
  train: ["train", "training", "tr"],
  test: ["test", "testing", "t10k", "holdout", "heldout"],
  validation: ["val", "valid", "validation", "dev", "eval"],
};

const KINDS: Readonly<Record<Kind, readonly string[]>> = {
  labels: ["label", "labels", "target", "targets", "class", "classes", "y", "species"],
  values: ["x", "image", "images", "img", "imgs", "data", "features", "values", "pixels", "rows", "inputs"],
};

/** The role in a name such as `x_train`, `trainX`, `t10k-labels.idx1-ubyte`, `ytest`. */
export function roleOf(name: string): Role {
  const words = wordsOf(name);
  const of = <T extends string>(table: Readonly<Record<T, readonly string[]>>): T | undefined =>
    (Object.keys(table) as T[]).find((key) => words.some((word) => table[key].includes(word)));
  return { part: of(PARTS), kind: of(KINDS) };
}

/** Whether a column of this name holds classes. */
export function isLabelWord(name: string): boolean {
  return KINDS.labels.includes(name.trim().toLowerCase());
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .flatMap(
      (word) => /^([xy])(train|test|val|valid|dev)$/.exec(word)?.slice(1) ?? [word.replace(/(?<!k)\d+$/, "") || word],
    );
}
