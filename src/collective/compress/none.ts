/** No compression: contributions are read where they are, and nothing is copied. */
import { refuseOptions } from "../../choice.js";
import type { CompressorDefinition } from "./compressor.js";

export const none: CompressorDefinition = {
  name: "none",
  make(options) {
    refuseOptions("compressor none", options, []);
    return undefined;
  },
};
