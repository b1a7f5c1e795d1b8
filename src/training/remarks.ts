/** Remarks about the sizes of a network that are valid but rarely meant. */

/** @param layers input, hidden and code sizes */
export function layerRemarks(layers: readonly number[]): string[] {
  const least = Math.min(...layers);
  const code = layers[layers.length - 1];
  if (code > least && layers[0] > least) {
    const narrowing = layers.slice(0, layers.indexOf(least) + 1);
    return [
      `layers ${layers} grow again after ${least}, and the decoder mirrors them all: for a code of ${least} give ${narrowing}`,
    ];
  }
  if (code >= layers[0]) {
    return [`a code of ${code} for ${layers[0]} values compresses nothing: the network can learn to copy`];
  }
  return [];
}
