/** `fit` where there are devices of Node. */
import { openDevice } from "../../device/open.js";
import { fitWith } from "./fit.js";

/** Fits a model to rows in memory: see `Fit`. By default on a GPU if there is one, else on the CPU. */
export const fit = fitWith(() => openDevice({ device: "auto" }));
