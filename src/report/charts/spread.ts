/** Places labels side by side: each at its position, or as near as its neighbours permit. */

/**
 * @param wanted middle of each label, within `range`
 * @param gap least distance between the middles of two labels
 * @returns their positions, in the order given; beyond the end of the range if there are too many
 */
export function spread(wanted: readonly number[], gap: number, [start, end]: readonly [number, number]): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const places = [...wanted];
  let next = start;
  for (const i of order) {
    places[i] = Math.max(wanted[i], next);
    next = places[i] + gap;
  }
  // Labels pushed over the end push the others back.
  let last = end;
  for (const i of order.toReversed()) {
    places[i] = Math.max(Math.min(places[i], last), start + gap * order.indexOf(i));
    last = places[i] - gap;
  }
  return places;
}
