/** Describes a data set for display: its files, the number and kind of its rows, their type and scale. */
import { basename } from "node:path";
import type { Dataset, Split } from "./dataset.js";

/** Words for a row: a picture is an image of pixels, anything else a row of values. */
export interface RowWords {
  readonly row: "image" | "row";
  readonly rows: "images" | "rows";
  readonly values: "pixels" | "values";
}

export function wordsFor({ shape }: Pick<Split, "shape">): RowWords {
  return shape ? { row: "image", rows: "images", values: "pixels" } : { row: "row", rows: "rows", values: "values" };
}

/** The source, the splits, and the remarks. @param standardised whether columns are trained on in standard deviations */
export function describeDataset({ source, train, test, remarks = [] }: Dataset, standardised = false): string[] {
  const columns = standardised ? ["columns are standardised: in standard deviations from their means"] : [];
  return [source, describeSplit("train", train), describeSplit("test", test), ...columns, ...remarks];
}

/** `train  300 images of 4 x 4, from x_train.npy (uint8, divided by 255)` */
function describeSplit(name: string, { count, features, shape, colour, scale, range, origin, labels }: Split): string {
  const size = shape ? `${shape.join(" x ")}${colour ? ` in ${colour.channels} colours` : ""}` : `${features} values`;
  const from = origin ? `, from ${shown(origin.files.map((file) => basename(file)))}` : "";
  const type = origin ? [origin.type] : [];
  const kept = range ? `from ${short(range[0])} to ${short(range[1])}` : undefined;
  const said = [...type, scaleText(scale), ...(kept ? [kept] : []), ...(labels ? ["with labels"] : [])].join(", ");
  return `${name.padEnd(5)} ${count} ${wordsFor({ shape })[count === 1 ? "row" : "rows"]} of ${size}${from} (${said})`;
}

function shown(files: readonly string[]): string {
  return files.length <= 3 ? files.join(", ") : `${files[0]} to ${files[files.length - 1]} (${files.length} files)`;
}

function scaleText(scale: number): string {
  if (scale === 1) return "as they are";
  const divisor = 1 / scale;
  return Math.abs(divisor - Math.round(divisor)) < 1e-6 ? `divided by ${Math.round(divisor)}` : `times ${short(scale)}`;
}

const short = (value: number): string => String(Number(value.toPrecision(4)));
