/** The losses of models: functions that return one. */
export { cosine } from "./cosine.js";
export { crossEntropy } from "./cross-entropy.js";
export { bce, huber, mse } from "./elementwise.js";
export { type ModelLoss, weighted } from "./loss.js";
export { l1Penalty, l2Penalty } from "./weight-penalty.js";
