/** The colours of classes stand out from the page, and from one another with every kind of colour vision. */
import { describe, expect, it } from "vitest";
import { DARK, LIGHT } from "../../src/report/style.js";

type Rgb = readonly [red: number, green: number, blue: number];

/** Converts sRGB values to linear light. */
function linear(hex: string): Rgb {
  const full = hex.length === 4 ? hex.replace(/[^#]/g, "$&$&") : hex;
  const channel = (at: number): number => {
    const value = Number.parseInt(full.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** WCAG 2.2. */
function contrast(a: string, b: string): number {
  const [low, high] = [a, b]
    .map((colour) => linear(colour))
    .map(([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue)
    .sort((one, other) => one - other);
  return (high + 0.05) / (low + 0.05);
}

const times = (matrix: readonly Rgb[], [x, y, z]: Rgb): Rgb => {
  const [a, b, c] = matrix.map(([p, q, r]) => p * x + q * y + r * z);
  return [a, b, c];
};

/** Machado, Oliveira and Fernandes 2009, severity 1. */
const VISION: Readonly<Record<string, readonly Rgb[]>> = {
  common: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Ottosson 2020: equal distances look alike. */
function oklab(colour: Rgb): Rgb {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    colour,
  ).map(Math.cbrt) as unknown as Rgb;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

function distance(a: string, b: string, vision: readonly Rgb[]): number {
  const seen = [a, b].map((colour) =>
    oklab(times(vision, linear(colour)).map((c) => Math.min(1, Math.max(0, c))) as unknown as Rgb),
  );
  return Math.hypot(...seen[0].map((value, i) => value - seen[1][i]));
}

const colours = (theme: string) =>
  Object.fromEntries([...theme.matchAll(/--([\w-]+):(#[0-9a-f]+)/g)].map(([, name, value]) => [name, value]));

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
])("the %s page", (_, theme) => {
  const named = colours(theme);
  const classes = Object.keys(named)
    .filter((name) => /^c\d$/.test(name))
    .map((name) => named[name]);

  it("has five colours of classes, each 3 to 1 at least beside the page", () => {
    expect(classes).toHaveLength(5);
    for (const colour of [...classes, named.accent, named.train, named.pca]) {
      for (const page of [named.card, named.paper]) expect(contrast(colour, page), colour).toBeGreaterThan(3);
    }
  });

  it.each(Object.entries(VISION))("keeps them apart for those with %s", (_, vision) => {
    for (const [i, a] of classes.entries()) {
      for (const b of classes.slice(i + 1)) expect(distance(a, b, vision), `${a} ${b}`).toBeGreaterThan(0.13);
    }
  });
});
