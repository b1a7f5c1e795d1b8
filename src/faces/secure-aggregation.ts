/** Secure aggregation: a server learns the sum of what clients contribute, and no single contribution. */
export { SecureClient } from "../privacy/secure/client.js";
export type { SecureRound } from "../privacy/secure/messages.js";
export { fromFixedPoint, toFixedPoint } from "../privacy/secure/ring.js";
export { type ClientMessages, SecureServer } from "../privacy/secure/server.js";
export type { Secrets } from "../world/world.js";
