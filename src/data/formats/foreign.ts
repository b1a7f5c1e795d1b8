/** Formats that Dawnpour does not read: how to recognise them, their names, and a command that converts them. */

interface Foreign {
  readonly name: string;
  readonly starts: readonly (readonly number[] | string)[];
  /** Offset of the magic bytes; default 0. */
  readonly at?: number;
  readonly convert: (file: string) => string;
}

const python = (modules: string, code: string): string => `python3 -c 'import ${modules}; ${code}'`;

const FOREIGN: readonly Foreign[] = [
  {
    name: "HDF5 (Keras, h5py, MATLAB 7.3)",
    starts: ["\x89HDF"],
    convert: (file) =>
      python("h5py, numpy", `f = h5py.File(${file}); numpy.savez("data.npz", **{k: f[k][()] for k in f})`),
  },
  {
    name: "a MATLAB file",
    starts: ["MATLAB 5.0"],
    convert: (file) =>
      python(
        "scipy.io, numpy",
        `m = scipy.io.loadmat(${file}); numpy.savez("data.npz", **{k: v for k, v in m.items() if k[0] != "_"})`,
      ),
  },
  {
    name: "a Python pickle",
    starts: [
      [0x80, 2],
      [0x80, 3],
      [0x80, 4],
      [0x80, 5],
    ],
    convert: (file) =>
      python("pickle, numpy", `d = pickle.load(open(${file}, "rb"), encoding="bytes"); print(type(d))`) +
      ", then numpy.save the array in it",
  },
  {
    name: "safetensors",
    starts: ['{"'],
    at: 8,
    convert: (file) =>
      python("numpy, safetensors.numpy", `numpy.savez("data.npz", **safetensors.numpy.load_file(${file}))`),
  },
  {
    name: "a JPEG picture",
    starts: [[0xff, 0xd8, 0xff]],
    convert: (file) => `magick ${file} picture.png, for each, and name their folder`,
  },
  {
    name: "a GIF picture",
    starts: ["GIF8"],
    convert: (file) => `magick ${file} picture.png, for each, and name their folder`,
  },
  {
    name: "a BMP picture",
    starts: ["BM"],
    convert: (file) => `magick ${file} picture.png, for each, and name their folder`,
  },
  {
    name: "a TIFF picture",
    starts: ["II*\0", "MM\0*"],
    convert: (file) => `magick ${file} picture.png, for each, and name their folder`,
  },
  {
    name: "a WebP picture",
    starts: ["WEBP"],
    at: 8,
    convert: (file) => `magick ${file} picture.png, for each, and name their folder`,
  },
  { name: "a tar archive", starts: ["ustar"], at: 257, convert: (file) => `tar xf ${file}, and name what was in it` },
  { name: "bzip2 data", starts: ["BZh"], convert: (file) => `bunzip2 -k ${file}` },
  { name: "xz data", starts: [[0xfd, 0x37, 0x7a, 0x58, 0x5a]], convert: (file) => `xz -dk ${file}` },
  { name: "Zstandard data", starts: [[0x28, 0xb5, 0x2f, 0xfd]], convert: (file) => `unzstd ${file}` },
  { name: "a 7z archive", starts: [[0x37, 0x7a, 0xbc, 0xaf]], convert: (file) => `7z x ${file}` },
  { name: "a RAR archive", starts: ["Rar!"], convert: (file) => `unrar x ${file}` },
  {
    name: "an SQLite database",
    starts: ["SQLite format 3"],
    convert: (file) => `sqlite3 -header -csv ${file} "select * from TABLE" > data.csv`,
  },
  {
    name: "ORC",
    starts: ["ORC"],
    convert: (file) => python("pandas", `pandas.read_orc(${file}).to_csv("data.csv", index=False)`),
  },
  {
    name: "Feather of version 1",
    starts: ["FEA1"],
    convert: (file) => python("pandas", `pandas.read_feather(${file}).to_parquet("data.parquet")`),
  },
  {
    name: "an old Excel workbook",
    starts: [[0xd0, 0xcf, 0x11, 0xe0]],
    convert: (file) => python("pandas", `pandas.read_excel(${file}).to_csv("data.csv", index=False)`),
  },
  {
    name: "text in UTF-16",
    starts: [
      [0xff, 0xfe],
      [0xfe, 0xff],
    ],
    convert: (file) => `iconv -f utf-16 -t utf-8 ${file} > data.csv`,
  },
  {
    name: "an HTML page",
    starts: ["<!DOCTYPE", "<!doctype", "<html", "<HTML"],
    convert: () => "fetch it again: what came was a page, perhaps one that asks to log in",
  },
  {
    name: "JSON",
    starts: ["{", "["],
    convert: (file) => python("pandas", `pandas.read_json(${file}).to_csv("data.csv", index=False)`),
  },
  { name: "a PDF document", starts: ["%PDF"], convert: () => "extract its tables as CSV first" },
];

/** The kind of a file that begins with `start`, and what to do with it; undefined for an unknown kind. */
export function nameForeign(start: Uint8Array, file: string): string | undefined {
  const found = FOREIGN.find(({ starts, at = 0 }) => starts.some((magic) => holds(start, at, magic)));
  return found && `${found.name}, which is not read: ${found.convert(JSON.stringify(file))}`;
}

function holds(start: Uint8Array, at: number, magic: readonly number[] | string): boolean {
  const bytes = typeof magic === "string" ? Array.from(magic, (letter) => letter.charCodeAt(0)) : magic;
  return bytes.every((byte, i) => start[at + i] === byte);
}
