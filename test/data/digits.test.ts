import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DIGIT_SIZE, generateDigits } from "../../src/data/digits/digits.js";

const PIXELS = DIGIT_SIZE * DIGIT_SIZE;
const { images, labels } = generateDigits(1, 0, 0, 2000);

function image(i: number): Uint8Array {
  return images.subarray(i * PIXELS, (i + 1) * PIXELS);
}

/** Centre of mass and the extent of visible ink. */
function measure(pixels: Uint8Array): { x: number; y: number; width: number; height: number } {
  const ink = Array.from(pixels, (value, i) => ({ value, x: i % DIGIT_SIZE, y: Math.floor(i / DIGIT_SIZE) }));
  const mass = ink.reduce((sum, { value }) => sum + value, 0);
  const seen = ink.filter(({ value }) => value > 25);
  const extent = (of: number[]): number => Math.max(...of) - Math.min(...of) + 1;
  return {
    x: ink.reduce((sum, { value, x }) => sum + value * x, 0) / mass,
    y: ink.reduce((sum, { value, y }) => sum + value * y, 0) / mass,
    width: extent(seen.map(({ x }) => x)),
    height: extent(seen.map(({ y }) => y)),
  };
}

describe("generateDigits", () => {
  it("makes image i from (seed, stream, i) alone", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(20), fc.nat(20), (seed, first, count) => {
        const whole = generateDigits(seed, 0, 0, first + count);
        const part = generateDigits(seed, 0, first, count);
        expect(part.images).toEqual(whole.images.subarray(first * PIXELS));
        expect(part.labels).toEqual(whole.labels.subarray(first));
      }),
      { numRuns: 30 },
    );
  });

  it("makes other digits from another seed or stream, and no digit twice", () => {
    const rows = [generateDigits(1, 1, 0, 500), generateDigits(2, 0, 0, 500), { images }].flatMap((set) =>
      Array.from({ length: set.images.length / PIXELS }, (_, i) =>
        Buffer.from(set.images.subarray(i * PIXELS, (i + 1) * PIXELS)).toString("base64"),
      ),
    );
    expect(new Set(rows).size).toBe(3000);
  });

  it("makes every digit about equally often", () => {
    for (let digit = 0; digit < 10; digit++) {
      const share = labels.filter((label) => label === digit).length / labels.length;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.03);
    }
  });

  it("is as bright as MNIST, from black to white", () => {
    const mean = images.reduce((sum, value) => sum + value, 0) / images.length / 255;
    expect(Math.abs(mean - 0.1307)).toBeLessThan(0.005);
    expect(images.filter((value) => value === 0).length / images.length).toBeGreaterThan(0.75);
    expect(images.includes(255)).toBe(true);
  });

  it("frames each digit as MNIST does: 20 pixels along the longer side, centred by mass", () => {
    for (let i = 0; i < labels.length; i++) {
      const { x, y, width, height } = measure(image(i));
      expect(Math.abs(x - 14)).toBeLessThan(1.5);
      expect(Math.abs(y - 14)).toBeLessThan(1.5);
      expect(Math.max(width, height)).toBeGreaterThanOrEqual(18);
      expect(Math.max(width, height)).toBeLessThanOrEqual(21);
    }
  });

  it("labels what it draws: the nearest class mean names most digits of another stream", () => {
    const means = Array.from({ length: 10 }, (_, digit) => {
      const sum = new Float64Array(PIXELS);
      const members = [...labels.keys()].filter((i) => labels[i] === digit);
      for (const i of members) {
        image(i).forEach((value, pixel) => {
          sum[pixel] += value / members.length;
        });
      }
      return sum;
    });
    const test = generateDigits(1, 1, 0, 500);
    const right = test.labels.filter((label, i) => {
      const pixels = test.images.subarray(i * PIXELS, (i + 1) * PIXELS);
      const distances = means.map((mean) => mean.reduce((sum, value, pixel) => sum + (value - pixels[pixel]) ** 2, 0));
      return distances.indexOf(Math.min(...distances)) === label;
    });
    expect(right.length / 500).toBeGreaterThan(0.7);
  });
});
