/** Browsers leave out the backgrounds of a page when they print it: what tells one thing from another must not be a background. */
import { expect, it } from "vitest";
import { drawScatter } from "../../src/report/charts/scatter.js";
import { STYLE } from "../../src/report/style.js";

/** Colours that tell a thing from another one, in rules of the style sheet. */
const TELLING = /background:var\(--(?!paper|card|notice)[a-z0-9-]+\)/;

/** The rules of a style sheet without those that depend on the medium: selectors and declarations. */
function rules(text: string): { readonly selectors: readonly string[]; readonly body: string }[] {
  return [...text.matchAll(/(?:^|\})([^{}@]+)\{([^{}]*)\}?/gm)].map(([, selectors, body]) => ({
    selectors: selectors.split(",").map((one) => one.trim()),
    body,
  }));
}

it("a background that tells things apart is printed with its colour", () => {
  const all = rules(STYLE.replaceAll("}", "}\n"));
  const exact = all
    .filter(({ body }) => body.includes("print-color-adjust:exact"))
    .flatMap(({ selectors }) => selectors);
  const telling = all.filter(({ body }) => TELLING.test(body)).flatMap(({ selectors }) => selectors);
  expect(telling.length).toBeGreaterThan(4);
  for (const selector of telling) {
    const [last] = selector.split(" ").slice(-1);
    const isExact = exact.some((one) => one === last || (last.startsWith("i.") && one.endsWith(" i")));
    expect(isExact, `${selector} has a background that is not printed`).toBe(true);
  }
});

it("the legend of classes is drawn by lines, in the colours of the dots, and has no background", () => {
  const values = Float32Array.from({ length: 24 }, (_, i) => Math.sin(3 * i));
  const labels = Uint8Array.from({ length: 12 }, (_, i) => i % 7);
  const page = drawScatter({ count: 12, size: 2, values, labels }).text;
  const [chart, legend] = page.split('<ul class="legend"');
  const classes = (text: string) => [...text.matchAll(/<path class="(c\d (?:disc|cross))"/g)].map(([, name]) => name);
  expect(classes(legend)).toEqual(classes(chart));
  expect(classes(legend)).toHaveLength(7);
  for (const name of classes(legend)) {
    const [colour] = name.split(" ");
    expect(STYLE).toContain(`.${colour}{color:var(--${colour})}`);
  }
  const ofLegend = rules(STYLE.replaceAll("}", "}\n")).filter(({ selectors }) =>
    selectors.some((one) => /^\.legend/.test(one)),
  );
  expect(ofLegend.length).toBeGreaterThan(2);
  for (const { body } of ofLegend) expect(body).not.toContain("background");
});
