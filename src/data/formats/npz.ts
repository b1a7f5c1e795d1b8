/** NPZ, several arrays of NumPy in a ZIP archive: `numpy.savez("data.npz", x_train=..., y_train=...)`. */
import { DataError } from "../../error.js";
import type { Format, StoredArray } from "./format.js";
import { openNpy } from "./npy.js";
import { openZip } from "./zip.js";

export const NPZ: Format = {
  name: "NPZ",
  endings: ["npz"],
  recognises: (start) => start[0] === 0x50 && start[1] === 0x4b && start[2] < 8,
  async open(bytes, file) {
    const arrays: StoredArray[] = [];
    const entries = await openZip(bytes, file);
    for (const entry of entries) {
      if (!entry.name.endsWith(".npy")) continue;
      arrays.push(await openNpy(await entry.open(), `${file}: ${entry.name}`, entry.name.slice(0, -".npy".length)));
    }
    if (arrays.length > 0) return arrays;
    throw new DataError(
      `${file}: ${whatIs(
        entries.map(({ name }) => name),
        JSON.stringify(file),
      )}`,
    );
  },
};

/** The kind of a ZIP archive without NumPy arrays, and how to get at its numbers. */
function whatIs(names: readonly string[], file: string): string {
  if (names.some((name) => name.endsWith("data.pkl"))) {
    return `a file of PyTorch (torch.save), which is not read: numpy.save("data.npy", torch.load(${file}).numpy())`;
  }
  if (names.some((name) => name.startsWith("xl/"))) {
    return `an Excel workbook, which is not read: pandas.read_excel(${file}).to_csv("data.csv", index=False)`;
  }
  const held = names
    .slice(0, 3)
    .map((name) => name.slice(0, 60))
    .join(", ");
  return `a ZIP archive without NPY files (it holds ${held || "nothing"}): unpack it (unzip), and name the folder`;
}
