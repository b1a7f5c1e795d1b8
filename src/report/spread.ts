/** Labels side by side: each where it belongs, or as near as those around it leave room. */

/**
 * @param wanted where the middle of each label belongs, within `range`
 * @param gap from the middle of one to that of the next, at least
 * @returns where they are, in the order given; beyond the end of the range if there are too many
 */
export function spread(wanted: readonly number[], gap: number, [start, end]: readonly [number, number]): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const places = [...wanted];
  let next = start;
  for (const i of order) {
    places[i] = Math.max(wanted[i], next);
    next = places[i] + gap;
  }
  // Those that were pushed over the end push the others back.
  let last = end;
  for (const i of order.toReversed()) {
    places[i] = Math.max(Math.min(places[i], last), start + gap * order.indexOf(i));
    last = places[i] - gap;
  }
  return places;
}
