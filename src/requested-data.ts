/** The data set that a request names or brings, with the limit and the scale that it asks for. */
import { type Dataset, limitDataset, scaleDataset } from "./data/dataset.js";
import { loadDataset } from "./data/load.js";
import type { TrainPlace, TrainRequest } from "./request.js";
import { recordedData } from "./training/trained-on.js";
import type { World } from "./world/world.js";

/** Loads it, if it is not in memory. */
export async function requestedData(
  world: World,
  { config, wanted, saved, data }: TrainRequest,
  place: TrainPlace,
): Promise<Dataset> {
  const { limit, seed, shape } = wanted;
  // Other data may have another scale than the data of the run.
  const { scale, label } = place.otherData ? config : wanted;
  if (data) return limitDataset(scaleDataset(data, scale ?? data.train.scale), limit ?? Number.POSITIVE_INFINITY);
  const substitute = !place.resume && (place.substitute ?? config.dataset === undefined);
  const source = { world, data: place.data, substitute, onProgress: place.onDownload };
  const name = config.dataset ?? recordedData(wanted.dataset, saved?.checkpoint.data);
  return loadDataset(name, { ...source, limit, scale, shape, label, seed });
}
