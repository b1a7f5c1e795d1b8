/** The figures of a model that is no autoencoder, in a line. */

/** `98.21 % right   loss 0.0612` */
export function figuresText({ accuracy, ...others }: Readonly<Record<string, number>>): string {
  const rest = Object.entries(others).map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`);
  return [...(accuracy === undefined ? [] : [`${(100 * accuracy).toFixed(2)} % right`]), ...rest].join("   ");
}
