/** Turns arrays read from files into rows to train on, and refuses what cannot be trained on. */
import { DataError } from "../error.js";
import { type Split, sliceSplit } from "./dataset.js";
import { describeShape, type NdArray } from "./ndarray.js";

/** An array and the file it came from. */
export interface Source {
  readonly file: string;
  readonly array: NdArray;
}

/**
 * The first dimension counts the rows; the others, flattened, are the features.
 * @throws DataError when images and labels are swapped or differ in number, or a value is not finite
 */
export function makeSplit(images: Source, labels?: Source): Split {
  const { shape, scale } = images.array;
  if (shape.length < 2) {
    throw new DataError(
      `${images.file}: holds ${describeShape(shape)} values in one dimension, as labels do; ` +
        "images need two or more dimensions",
    );
  }
  const [count, ...inner] = shape;
  const values = toPixels(images.array.values);
  const features = values.length / count;
  checkFinite(values, features, images.file);
  const picture = inner.filter((extent) => extent > 1);
  return {
    images: values,
    count,
    features,
    scale,
    ...(picture.length === 2 && { shape: [picture[0], picture[1]] as const }),
    ...(labels && { labels: toLabels(labels, images.file, count) }),
  };
}

function toPixels(values: NdArray["values"]): Uint8Array | Float32Array {
  return values instanceof Int32Array ? Float32Array.from(values) : values;
}

/** @throws DataError that names the row and column of the first value that is not finite */
export function checkFinite(values: Uint8Array | Float32Array, features: number, file: string): void {
  const index = values instanceof Float32Array ? values.findIndex((value) => !Number.isFinite(value)) : -1;
  if (index >= 0) {
    throw new DataError(
      `${file}: row ${Math.floor(index / features)}, column ${index % features} is ${values[index]}; ` +
        "replace or drop such rows (values must be finite in float32)",
    );
  }
}

function toLabels({ file, array }: Source, imagesFile: string, count: number): Uint8Array | Int32Array {
  if (array.shape.filter((extent) => extent > 1).length > 1) {
    throw new DataError(`${file}: holds ${describeShape(array.shape)} values; labels are one whole number a row`);
  }
  if (array.values instanceof Float32Array) {
    throw new DataError(`${file}: labels are stored as real numbers; store whole ones`);
  }
  if (array.values.length !== count) {
    throw new DataError(
      `${file}: has ${array.values.length} labels, ${imagesFile} has ${count} images; they must match`,
    );
  }
  return array.values;
}

/** One split made two: the last tenth, at least one row, is kept for testing. */
export function holdOut(split: Split, file: string): { train: Split; test: Split } {
  if (split.count < 2) {
    throw new DataError(`${file}: holds a single row; training and testing need at least one each`);
  }
  const kept = split.count - Math.max(1, Math.floor(split.count / 10));
  return { train: sliceSplit(split, 0, kept), test: sliceSplit(split, kept, split.count) };
}

/** @throws DataError unless rows to train and to test on have the same number of features */
export function checkAgreement(train: Split, test: Split, source: string): void {
  if (train.features !== test.features) {
    throw new DataError(
      `${source}: training rows have ${train.features} features, test rows ${test.features}; they must have the same`,
    );
  }
}
