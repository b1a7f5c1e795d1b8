import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fold, writeLine } from "../../../src/cli/display/fold.js";

const DATA = "train 60000 images of 28 x 28, from train-images-idx3-ubyte.gz (uint8, divided by 255, with labels)";

/** The text as it is written to a terminal of `columns` columns, or to something that is no terminal. */
function written(columns: number | undefined, text: string, whole?: string): string {
  const stream = Object.assign(new PassThrough(), { isTTY: columns !== undefined, columns });
  writeLine(stream as unknown as NodeJS.WriteStream, text, whole);
  return String(stream.read());
}

describe.each([80, 120])("on a terminal of %i columns", (columns) => {
  it.each([
    [`data    ${"/a/folder/of/".repeat(4)}mnist`],
    [`        ${DATA}`],
    [`         features  ${"shader-f16, subgroups, timestamp-query, ".repeat(5)}`],
    [`dawnpour: cannot read "/a/b": ${"it is of another kind than all that is read here ".repeat(4)}`],
    ["out     runs/a"],
  ])("%j is folded between words, below its text", (line) => {
    const lines = written(columns, line).slice(0, -1).split("\n");
    expect(line.startsWith(lines[0])).toBe(true);
    for (const one of lines) expect(one.length).toBeLessThanOrEqual(columns);
    expect(lines.map((one) => one.trim()).join(" ")).toBe(line.trim());
    const indent = /^\w+: /.test(line) ? 2 : (/^ *\S+ {2,}|^ {3,}/.exec(line)?.[0].length ?? 2);
    for (const one of lines.slice(1)) expect(one.search(/\S/)).toBe(indent);
  });

  it("a command stays in one piece, to be copied", () => {
    const command = `npx dawnpour train --resume --out ${"a-long-name/".repeat(12)}`;
    const text = written(columns, "stopped at step 12; go on with:", command);
    expect(text).toBe(`stopped at step 12; go on with:\n${command}\n`);
    expect(written(columns, "go on with:", "npx dawnpour")).toBe("go on with: npx dawnpour\n");
  });

  it("code and names in quotes stay in one piece", () => {
    const code = `-c 'import h5py, numpy; f = h5py.File("a.h5")${"; pass".repeat(20)}'`;
    const lines = fold(
      `dawnpour: a.h5: an HDF5 file, which is not read: python3 ${code} makes "a data.npz" of it`,
      columns,
    );
    expect(lines.some((line) => line.includes(code))).toBe(true);
    expect(lines.some((line) => line.includes('"a data.npz"'))).toBe(true);
  });
});

it("elsewhere a line is a line", () => {
  expect(written(undefined, `        ${DATA}`)).toBe(`        ${DATA}\n`);
  expect(written(undefined, "stopped; go on with:", "npx dawnpour train")).toBe(
    "stopped; go on with: npx dawnpour train\n",
  );
});

it("loses no word, and makes no line wider than it has to be", () => {
  const words = fc.array(fc.stringMatching(/^[a-z"'`.:]{1,12}$/), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(words, fc.integer({ min: 30, max: 140 }), (given, columns) => {
      const text = given.join(" ");
      const lines = fold(text, columns);
      expect(lines.join(" ").replace(/ +/g, " ")).toBe(text);
      for (const line of lines) if (!/["'`]/.test(line)) expect(line.length).toBeLessThanOrEqual(columns);
    }),
  );
});
