/** Numbers as text. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** `18,760` */
export const count = (value: number): string => whole.format(value);

/** `40`, `0.4` */
export const rounded = (value: number): string => tenths.format(value);

/** `1 step`, `1,200 steps` */
export function plural(value: number, one: string, many: string, text = count): string {
  const number = text(value);
  return `${number} ${number === "1" ? one : many}`;
}

/** Two decimals, as publications give errors, or three significant digits below 1: `2.98`, `13.87`, `0.00380`. */
export function figure(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1 || magnitude === 0 || Number.isNaN(value)) return hundredths.format(value);
  return magnitude < 1e-4 ? value.toExponential(2) : value.toPrecision(3);
}

const significant = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** Three digits, however many zeros stand before them: `0.00000824`. */
export const decimal = (value: number): string => significant.format(value);

/** A tick of an axis: `1,000`, `0.05`; a number that would be mostly zeros: `1.29e-9`. */
export const plain = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-5 ? value.toExponential(2) : decimal(value);

/** `42.3 s`, `2 min 31 s`, `3 h 12 min` */
export function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const total = Math.round(seconds);
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${total % 60} s`;
}

const KNOWN_DATASETS: Readonly<Record<string, string>> = {
  mnist: "MNIST",
  "fashion-mnist": "Fashion-MNIST",
  digits: "generated digits",
};

/** The title of a data set. */
export const datasetTitle = (name: string): string => KNOWN_DATASETS[name] ?? name;

/** Words for rows and their values: a row of a table is no image. */
export function words(pictures: boolean): { readonly row: string; readonly rows: string; readonly values: string } {
  return pictures ? { row: "image", rows: "images", values: "pixels" } : { row: "row", rows: "rows", values: "values" };
}
