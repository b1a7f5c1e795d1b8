/** The data sets known by name. */
import { FASHION_MNIST } from "./fashion-mnist.js";
import { MNIST } from "./mnist.js";
import type { PublishedDataset } from "./published-dataset.js";

export const PUBLISHED: readonly PublishedDataset[] = [MNIST, FASHION_MNIST];
