/** A link between two machines: its bandwidth and its latency. */
import { brief, UsageError } from "../error.js";
import { DURATION_FORM, parseDuration } from "../world/duration.js";

export interface Link {
  readonly bytesPerSecond: number;
  /** Seconds, one way. */
  readonly latency: number;
}

const UNITS = { bps: 1, kbps: 1e3, Mbps: 1e6, Gbps: 1e9, Tbps: 1e12 };
const EXAMPLE = "--link 1Gbps,1ms";

/** `1Gbps,1ms`: bits a second, and the latency of one way. @throws UsageError */
export function parseLink(text: string): Link {
  const [, amount, unit, delay] = /^(\d+(?:\.\d+)?)([a-z]*bps),(.*)$/i.exec(text) ?? [];
  const bits = Object.entries(UNITS).find(([name]) => name.toLowerCase() === unit?.toLowerCase())?.[1];
  if (bits === undefined || Number(amount) === 0) {
    throw new UsageError(
      `link ${brief(text)}: write bits a second and a time, ${EXAMPLE}; units are ${Object.keys(UNITS).join(", ")}`,
    );
  }
  const milliseconds = parseDuration(delay);
  if (milliseconds === undefined)
    throw new UsageError(`link ${brief(text)}: ${brief(delay)} is no time: ${DURATION_FORM}`);
  return { bytesPerSecond: (Number(amount) * bits) / 8, latency: milliseconds / 1000 };
}
