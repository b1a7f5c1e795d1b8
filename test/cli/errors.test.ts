/** A command that refuses its input prints one line with what is wrong, where, and what to do. It leaves no files. */
import { mkdir } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeNpy } from "../../src/data/formats/npy.js";
import { bytesOf, count, idxBytes, npy, npyHeader } from "../data/files.js";
import { pictures, SMALL, Workplace } from "./dawnpour.js";

const place = new Workplace();

const MODEL = "run/checkpoints/step-0000000005/model.safetensors";

beforeAll(async () => {
  await place.train(...SMALL, "--steps", "5", "--out", "run");
  for (const folder of ["empty", "swapped", "uneven"]) await mkdir(place.path(folder));
  const whole = pictures(20, 6);
  const files: Record<string, Uint8Array | string> = {
    "short-idx3-ubyte": whole.subarray(0, 500),
    "header-idx3-ubyte": whole.subarray(0, 9),
    "labels-idx1-ubyte": idxBytes([20], count(20)),
    "none-idx3-ubyte": idxBytes([0, 6, 6], []),
    "text-idx3-ubyte": "<html>not found</html>",
    "empty.npy": "",
    "complex.npy": npy(npyHeader("<c8", "(2, 1)"), new Uint8Array(16)),
    "short.npy": npy(npyHeader("<f4", "(4, 4)"), new Uint8Array(60)),
    "nan.npy": npy(npyHeader("<f4", "(2, 2)"), bytesOf(Float32Array.of(0, 1, Number.NaN, 0))),
    "wide.npy": encodeNpy(new Float32Array(80).fill(2), [20, 4]),
    "rows.npy": encodeNpy(new Float32Array(20 * 36).fill(0.5), [20, 36]),
    "large-idx3-ubyte": pictures(20, 7),
    "swapped/train-images-idx3-ubyte": idxBytes([20], count(20)),
    "swapped/train-labels-idx1-ubyte": whole,
    "uneven/train-images-idx3-ubyte": whole,
    "uneven/train-labels-idx1-ubyte": idxBytes([19], count(19)),
    "broken.json": '{\n  "lr": 0.1,\n  steps: 3\n}\n',
    "unknown.json": '{"bacth": 3}',
    "list.json": "[1]",
    "fine.json": '{"steps": 3}',
    file: "",
  };
  for (const [name, content] of Object.entries(files)) await place.write(name, content);
});

type Case = [what: string, args: string, code: 1 | 2, message: RegExp];

/** Runs the command. Afterwards the folder must have the same files as before. */
async function expectRefusal(args: string, code: number, message: RegExp): Promise<void> {
  const before = await place.contents();
  const outcome = await place.call(...args.split(" "));
  expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({
    code,
    stderr: expect.stringMatching(/^dawnpour: .+\n$/),
  });
  expect(outcome.stderr).toMatch(message);
  expect(await place.contents()).toEqual(before);
}

const onCpu = (command: string) => `${command} --device cpu`;

describe("dawnpour train refuses", () => {
  const train = onCpu("train --out new");
  it.each<Case>([
    [
      "a check of each step where workers compute parts",
      "--dataset large-idx3-ubyte --check-finite --parts 2",
      2,
      /checkFinite \(--check-finite\) watches the steps of one device: leave out the workers/,
    ],
    [
      "a truncated IDX file",
      "--dataset short-idx3-ubyte",
      1,
      /short-idx3-ubyte: data cut short: 20 x 6 x 6 .* are 720 bytes, the file has 484/,
    ],
    [
      "a truncated IDX header",
      "--dataset header-idx3-ubyte",
      1,
      /header-idx3-ubyte: IDX header cut short: .* need 16 bytes, got 9/,
    ],
    [
      "labels in the place of images",
      "--dataset labels-idx1-ubyte",
      1,
      /labels-idx1-ubyte: holds 20 values in one dimension, as labels do/,
    ],
    [
      "images and labels that were swapped",
      "--dataset swapped",
      1,
      /swapped\/train-labels-idx1-ubyte: holds 20 x 6 x 6 values; labels are one whole number a row/,
    ],
    ["fewer labels than images", "--dataset uneven", 1, /uneven.*19.*20/],
    [
      "a page in the place of data",
      "--dataset text-idx3-ubyte",
      1,
      /text-idx3-ubyte: an HTML page, which is not read: fetch it again/,
    ],
    ["no images", "--dataset none-idx3-ubyte", 1, /none-idx3-ubyte: holds no rows \(its shape is 0 x 6 x 6\)/],
    ["an empty file", "--dataset empty.npy", 1, /empty.npy: the file is empty/],
    [
      "a dtype it cannot read",
      "--dataset complex.npy",
      1,
      /complex.npy: NPY dtype <c8 is not plain numbers: a = numpy.load/,
    ],
    ["a truncated NPY file", "--dataset short.npy", 1, /short.npy: data cut short/],
    ["values that are not numbers", "--dataset nan.npy --loss mse", 1, /nan.npy: .*NaN/],
    [
      "values that cross-entropy cannot take",
      "--dataset wide.npy --layers 4,2 --loss bce",
      2,
      /loss bce needs values in \[0, 1\], and those of wide.npy go from 0 to 2: use scale 1\/2, or loss mse/,
    ],
    ["a folder without data", "--dataset empty", 1, /empty: no data here/],
    ["a file that is not there", "--dataset gone.npy", 2, /dataset "gone.npy": no such file or folder; check the path/],
    [
      "two values for an option of two names",
      "--parts 6 --shards 3",
      2,
      /--shards "3" and --parts "6" are one option: give one of them/,
    ],
    ["two rates", "--lr=0.1 --learning-rate 0.2", 2, /--learning-rate "0.2" and --lr "0.1" are one option/],
    ["an unknown data set", "--dataset minst", 2, /unknown dataset "minst": did you mean "mnist"\?/],
    [
      "layers that do not fit the data",
      "--dataset images-idx3-ubyte --layers 784,30",
      2,
      /layers begin with 784, but each row of .*images-idx3-ubyte has 36 values: begin with 36/,
    ],
    [
      "a folder it cannot write",
      "--dataset images-idx3-ubyte --layers 36,3 --out file/run",
      1,
      /cannot make the folder "file\/run": a part of the path is a file/,
    ],
    [
      "a folder that holds a run",
      "--dataset images-idx3-ubyte --layers 36,3 --out run",
      2,
      /run already holds a run: add --resume .* or give another --out/,
    ],
    ["an unknown option", "--bacth 3", 2, /unknown option '--bacth': did you mean --batch\?/],
    ["an unknown word", "--activation sigmod", 2, /unknown --activation "sigmod": did you mean "sigmoid"\?/],
    ["what is no number", "--lr fast", 2, /option '--learning-rate, --lr <rate>': "fast" is not a number \(see/],
    ["a number that cannot be", "--lr -1", 2, /command line: lr: .*>0, got -1/],
    ["a part of a step", "--steps 1.5", 2, /"1.5" is not a whole number/],
    ["no steps", "--steps 0", 2, /command line: steps: .*>=1, got 0/],
    ["a size that is no number", "--layers 36,x", 2, /"x" is not a number/],
    ["a length given twice", "--steps 3 --epochs 4", 2, /give epochs or steps, not both/],
    ["a word too many", "digits images", 2, /too many arguments/],
    ["two data sets", "digits --dataset mnist", 2, /two data sets, "digits" and --dataset "mnist": give one/],
    ["an unknown data set by itself", "minst", 2, /unknown dataset "minst": did you mean "mnist"\?/],
    ["an option without its value", "--dataset", 2, /'--dataset <name>' argument missing/],
    ["no threads", "--dataset images-idx3-ubyte --layers 36,3 --threads 0", 2, /threads/],
    ["a configuration that is not JSON", "--config broken.json", 2, /broken.json: not JSON: /],
    [
      "a configuration with an unknown key",
      "--config unknown.json",
      2,
      /unknown.json: unknown key "bacth": did you mean "batch"\?/,
    ],
    [
      "a configuration that is a list",
      "--config list.json",
      2,
      /list.json: must be an object of options, such as {"epochs": 5}, got \[1\]/,
    ],
    ["a configuration that is not there", "--config gone.json", 1, /cannot read "gone.json": there is no such file/],
    ["to resume it knows not what", "--resume --out gone", 1, /checkpoint "gone" does not exist/],
    [
      "to resume where no run is",
      "--resume --out empty",
      1,
      /"empty" holds no checkpoint \(it is empty\): give a run's folder/,
    ],
    [
      "to resume with another network",
      "--resume --out run --layers 36,3",
      2,
      /cannot resume: .* layers \[36,12,3\], got \[36,3\]/,
    ],
    [
      "to resume on other data",
      "--resume --out run --dataset rows.npy",
      1,
      /cannot resume: the checkpoint was trained on images-idx3-ubyte .*, and this is rows.npy/,
    ],
    [
      "to resume past the end",
      "--resume --out run --steps 3",
      2,
      /run\/checkpoints\/step-0000000005 is at step 5, past the 3 steps/,
    ],
  ])("%s", (_, args, code, message) => expectRefusal(`${train} ${args}`, code, message));

  it("to resume without a folder", () =>
    expectRefusal("train --resume", 2, /resume needs to know which run: give its folder with out/));

  it("to go on once the loss is NaN", async () => {
    const before = await place.contents();
    const wild = "--activation relu --loss mse --optimizer sgd --lr 1e30 --steps 100".split(" ");
    const { code, stderr } = await place.call("train", "--device", "cpu", ...SMALL, ...wild, "--out", "wild");
    expect(code).toBe(1);
    expect(stderr.match(/^dawnpour: .*$/gm)).toEqual([
      expect.stringMatching(
        /^dawnpour: the loss became (NaN|Infinity) at step \d+ \(learning rate .*\): lr 1e\+30 is too high: try 1, the default of sgd for loss mse$/,
      ),
    ]);
    expect(await place.contents()).toEqual(before);
  });
});

describe("a checkpoint is refused", () => {
  const damages: [string, (bytes: Buffer) => Buffer, RegExp][] = [
    [
      "a bit of it is flipped",
      (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes[bytes.length - 1] ^ 1)]),
      /is damaged: its SHA-256 should be/,
    ],
    ["it is cut short", (bytes) => bytes.subarray(0, 100), /is damaged: it should have \d+ bytes, found 100/],
  ];
  describe.each(damages)("when %s", (_, damage, message) => {
    let sound: Buffer;
    beforeAll(async () => {
      sound = await place.read(MODEL);
      await place.write(MODEL, damage(sound));
      return () => place.write(MODEL, sound);
    });

    it.each([
      onCpu("evaluate run"),
      onCpu("evaluate run/checkpoints/step-0000000005"),
      onCpu(`encode ${MODEL} -o new.npy`),
      onCpu("reconstruct run -o new.png"),
      onCpu("train --resume --out run --steps 9"),
    ])("dawnpour %s", (args) => expectRefusal(args, 1, message));
  });

  it.each<Case>([
    ["when it is not there", "evaluate runn", 1, /checkpoint "runn" does not exist: did you mean "run"\?/],
    [
      "when it is another file",
      "evaluate images-idx3-ubyte",
      1,
      /"images-idx3-ubyte" is a file that belongs to no checkpoint/,
    ],
    ["when it is not named", "evaluate", 2, /missing required argument 'checkpoint'/],
    [
      "for images of another size",
      "evaluate run --other-data --dataset large-idx3-ubyte",
      2,
      /36-12-3-12-36 network, which takes rows of 36 values; those of the data have 49/,
    ],
    [
      "for codes of another size",
      "encode run --other-data --dataset large-idx3-ubyte -o new.npy",
      2,
      /takes rows of 36 values/,
    ],
    [
      "for pictures of another size",
      "reconstruct run --other-data --dataset large-idx3-ubyte -o new.png",
      2,
      /takes rows of 36 values/,
    ],
    [
      "for rows that are no pictures",
      "reconstruct run --other-data --dataset rows.npy -o new.png",
      2,
      /rows.npy holds rows, not pictures/,
    ],
    ["for no pictures", "reconstruct run --count 0 -o new.png", 2, /--count must be a whole number from 1, got 0/],
    [
      "when its codes cannot be written, before it reads anything",
      "encode no-run -o gone/new.npy",
      2,
      /cannot write "gone\/new.npy": "gone" is no folder; make it first/,
    ],
    ["when nothing says where to write", "encode run", 2, /required option '-o, --output <file>' not specified/],
    ["when its pictures cannot be written", "reconstruct no-run -o empty", 2, /cannot write "empty": it is a folder/],
    ["when scores cannot be written", "score no-run -o gone/new.csv", 2, /cannot write "gone\/new.csv"/],
  ])("%s", (_, args, code, message) => expectRefusal(onCpu(args), code, message));
});

describe("dawnpour refuses", () => {
  it.each<Case>([
    ["an unknown command", "trian", 2, /unknown command 'trian': did you mean train\?/],
    ["an unknown benchmark", "bench gem", 2, /unknown command 'gem': did you mean gemm\?/],
    ["an unknown device", "devices --device cpu", 2, /unknown option '--device'/],
    [
      "what is no shape",
      "bench gemm --device cpu --shapes 3x4",
      2,
      /shapes: "3x4" is not MxNxK with an optional :nn, :nt/,
    ],
    [
      "a shape that no machine holds",
      "bench gemm --device cpu --shapes 9000000x9000000x9000000",
      1,
      /memory|bytes|GiB/,
    ],
  ])("%s", (_, args, code, message) => expectRefusal(args, code, message));
});

describe("dawnpour search refuses", () => {
  it.each<Case>([
    [
      "a strategy",
      "search digits --vary lr=0.1,0.2 --strategy easgd",
      2,
      /--strategy is not for a search: leave it out/,
    ],
    ...[
      "--check-finite",
      "--find-lr",
      "--servers 2",
      "--reduce servers:2",
      "--compress topk",
      "--faults x",
      "--no-pca",
      "--model ./m.js",
    ].map(
      (words): Case => [
        words,
        `search digits --vary lr=0.1,0.2 ${words}`,
        2,
        new RegExp(`${words.split(" ")[0]} is not for a search: leave it out`),
      ],
    ),
    [
      "a classifier",
      "search digits --vary lr=0.1,0.2 --task classify",
      2,
      /search goes by the error of reconstructions/,
    ],
    [
      "what is learned",
      "search digits --vary task=autoencoder,classify",
      2,
      /cannot vary task: all candidates share it/,
    ],
    ["a key twice", "search digits --vary lr=0.1,0.2 --vary lr=1..2", 2, /lr is given twice/],
    ["values without a key", "search digits --vary 0.1,0.2", 2, /write key=from\.\.to/],
    ["an unknown key", "search digits --vary lrr=1,2", 2, /did you mean "lr"\?/],
  ])("%s", (_, args, code, message) => expectRefusal(args, code, message));
});

describe("dawnpour compare refuses", () => {
  it.each<Case>([
    ["one strategy", "compare synchronous", 2, /two strategies or more, got 1/],
    ["to resume", "compare synchronous easgd --resume", 2, /--resume is not for a comparison: leave it out/],
    ["other data", "compare synchronous easgd --other-data", 2, /--other-data is not for a comparison: leave it out/],
    ["a check of steps", "compare synchronous easgd --check-finite", 2, /--check-finite is not for a comparison/],
    ["two numbers of parts", "compare synchronous easgd --parts 2 --shards 4", 2, /are one option: give one of them/],
    ["an unknown strategy", "compare synchronous easdg --dataset digits", 2, /did you mean "easgd"\?/],
  ])("%s", (_, args, code, message) => expectRefusal(args, code, message));
});
