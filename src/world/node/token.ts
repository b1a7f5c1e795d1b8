/** Words that no other program can guess. They protect, and no result depends on them: so they come from no seed. */
import { randomBytes } from "node:crypto";

const BYTES = 18;

/** Letters, digits, `-` and `_`, for an address. */
export const randomToken = (): string => randomBytes(BYTES).toString("base64url");
