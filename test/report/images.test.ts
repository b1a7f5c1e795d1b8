import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { dataUri, strongestFilters, tileImages } from "../../src/report/images.js";
import { comparisonPng } from "../../src/report/pictures.js";
import { images } from "./report-data.js";

const rgba = (png: Uint8Array) => {
  const { width, height, data } = decode(png);
  return {
    width,
    height,
    at: (x: number, y: number) => Array.from(data.slice(4 * (y * width + x), 4 * (y * width + x) + 4)),
  };
};
const CLEAR = [0, 0, 0, 0];

describe("tileImages", () => {
  const three = { width: 2, height: 1, pixels: Uint8Array.of(0, 10, 20, 30, 40, 50) };

  it("lays images out in rows, with gaps that show what lies behind", () => {
    const sheet = rgba(tileImages([three], { columns: 2, gap: 1 }));
    expect([sheet.width, sheet.height]).toEqual([5, 3]);
    expect([sheet.at(0, 0), sheet.at(1, 0), sheet.at(3, 0), sheet.at(4, 0)].map(([grey]) => grey)).toEqual([
      0, 10, 20, 30,
    ]);
    expect(sheet.at(1, 2)).toEqual([50, 50, 50, 255]);
    for (const [x, y] of [
      [2, 0],
      [0, 1],
      [3, 2],
    ])
      expect(sheet.at(x, y)).toEqual(CLEAR);
  });

  it("makes pixels larger, and takes brightness as bytes or in [0, 1]", () => {
    const floats = { ...three, pixels: Float32Array.from(three.pixels, (value) => value / 255) };
    const options = { columns: 3, gap: 0, zoom: 2 };
    const sheet = tileImages([three], options);
    expect(tileImages([floats], options)).toEqual(sheet);
    const { width, height, at } = rgba(sheet);
    expect([width, height]).toEqual([12, 2]);
    expect([at(2, 0), at(3, 1)]).toEqual([at(2, 1), at(2, 0)]);
  });

  it("lets sets take turns row by row", () => {
    const other = { ...three, pixels: three.pixels.map((value) => value + 100) };
    const { height, at } = rgba(tileImages([three, other], { columns: 2, gap: 0 }));
    expect(height).toBe(4);
    expect([0, 1, 2, 3].map((y) => at(0, y)[0])).toEqual([0, 100, 40, 140]);
  });

  it("clips brightness outside [0, 1]", () => {
    const { at } = rgba(tileImages([{ width: 2, height: 1, pixels: Float32Array.of(-0.5, 1.5) }], { columns: 1 }));
    expect([at(0, 0)[0], at(1, 0)[0]]).toEqual([0, 255]);
  });

  it("shows signs by hue and sizes by opacity", () => {
    const signed = { width: 3, height: 1, pixels: Float32Array.of(-2, 0, 1) };
    const { at } = rgba(tileImages([signed], { columns: 1, palette: "diverging" }));
    const [below, zero, above] = [at(0, 0), at(1, 0), at(2, 0)];
    expect([below[3], zero[3], above[3]]).toEqual([255, 0, 128]);
    expect(below[2]).toBeGreaterThan(below[0]);
    expect(above[0]).toBeGreaterThan(above[2]);
    const flat = { ...signed, pixels: new Float32Array(3) };
    expect(rgba(tileImages([flat], { columns: 1, palette: "diverging" })).at(0, 0)[3]).toBe(0);
  });

  it("refuses what makes no sheet", () => {
    expect(() => tileImages([], { columns: 1 })).toThrow("needs at least one set of images");
    expect(() => tileImages([{ ...three, width: 4 }], { columns: 1 })).toThrow("6 pixels are no whole number of 4 x 1");
    expect(() => tileImages([three, images(2, 2, 1)], { columns: 1 })).toThrow("as many images of the same size");
    expect(() => tileImages([three], { columns: 0 })).toThrow("columns must be a whole number from 1, got 0");
    expect(() => tileImages([three], { columns: 1, zoom: 1.5 })).toThrow("zoom must be a whole number from 1, got 1.5");
  });
});

describe("comparisonPng", () => {
  it("puts ten pairs in a row", () => {
    const pixels = images(12, 2, 3).pixels as Float32Array;
    const { width, height } = decode(comparisonPng({ shape: [3, 2] }, [pixels, pixels]));
    expect([width, height]).toEqual([10 * 6 + 9 * 4, 4 * 9 + 3 * 4]);
  });
});

describe("dataUri", () => {
  it("carries the bytes", () => {
    expect(dataUri(Uint8Array.of(1, 2, 255))).toBe("data:image/png;base64,AQL/");
  });
});

describe("strongestFilters", () => {
  it("takes the columns of the largest norm, strongest first", () => {
    const weight = Float32Array.from(
      [
        [1, -5, 0, 2],
        [1, 0, 0, 3],
      ].flat(),
    );
    const { width, height, pixels } = strongestFilters(weight, 2, 1, 4, 2);
    expect([width, height]).toEqual([2, 1]);
    expect(Array.from(pixels)).toEqual([-5, 0, 2, 3]);
    expect(strongestFilters(weight, 2, 1, 4, 9).pixels.length).toBe(8);
  });
});
