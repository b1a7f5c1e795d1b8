/** Apache Arrow IPC, as a file (also Feather 2) or as a stream. Its library is loaded only when there is such a file. */
import { arraysOf } from "./columns.js";
import type { Format } from "./format.js";

/** ARROW1: the first bytes of a file, and its last. */
export const MAGIC = [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31];
/** The first bytes of a message in a stream. */
const CONTINUATION = [0xff, 0xff, 0xff, 0xff];

export const ARROW: Format = {
  name: "Arrow",
  endings: ["arrow", "feather", "ipc", "arrows"],
  recognises: (start) => [MAGIC, CONTINUATION].some((magic) => magic.every((byte, i) => start[i] === byte)),
  async open(bytes, file, options) {
    const { arrowTable } = await import("./arrow-table.js");
    return arraysOf(await arrowTable(bytes, file), options);
  },
};
