/** The shape of each kind of fault on a timeline: the shapes differ without colour, and a key names them. */
import type { Failure } from "../failure-log.js";
import { type Html, html } from "../html.js";

/** Within a square of 14 units. */
const SHAPES: Readonly<Record<string, { readonly name: string; readonly path: string }>> = {
  kill: { name: "killed", path: "M2.5 2.5l9 9m0-9l-9 9" },
  hang: { name: "made to hang", path: "M4.5 2v10m5-10v10" },
  cut: { name: "cut off", path: "M2 4.5h10M2 9.5h10M9 1.5l-4 11" },
  lose: { name: "device taken away", path: "M7 1.5l5.5 5.5L7 12.5 1.5 7z" },
  flip: { name: "gradient bit flipped", path: "M7 2l5.5 10h-11z" },
  spoil: { name: "gradient spoiled", path: "M1.5 2h11L7 12z" },
  fail: { name: "disk made to fail", path: "M2 2h10v10H2z" },
  tear: { name: "checkpoint torn", path: "M2 2h10v5l-2.5 2L7 7l-2.5 2L2 7z" },
  slow: { name: "made slow", path: "M2 10.5h3.5v-4H9v-4h3.5" },
  itself: { name: "failed by itself", path: "M7 2a5 5 0 1 0 .01 0z" },
};

/** One shape for each fault behind a failure, by the first word of the fault. */
export function shapesOf({ injected }: Failure): string[] {
  if (injected.length === 0) return ["itself"];
  return injected.map(({ fault }) => fault.split(" ")[0]).map((kind) => (kind in SHAPES ? kind : "itself"));
}

export function drawShape(kind: string): Html {
  return html`<svg class="shape" viewBox="0 0 14 14" aria-hidden="true"><path d="${SHAPES[kind].path}"/></svg>`;
}

/** Key of the shapes that occur, in a fixed order. */
export function shapeKey(failures: readonly Failure[]): Html {
  const there = new Set(failures.flatMap(shapesOf));
  const kinds = Object.keys(SHAPES).filter((kind) => there.has(kind));
  return html`${kinds.map((kind) => html`<li>${drawShape(kind)}${SHAPES[kind].name}</li>`)}`;
}
