/** A network for tests of downloads: it serves given bytes, is missing, or breaks off. */
import { DawnpourError } from "../../error.js";
import type { Download, Network } from "../world.js";

const CHUNK = 64 * 1024;

/** A network with the downloads that a test puts there. */
export class SimulatedNetwork implements Network {
  /** Content by URL. */
  readonly files = new Map<string, Uint8Array>();
  online = true;
  /** Bytes after which every download breaks off. */
  breakAfter = Number.POSITIVE_INFINITY;

  async download(url: string): Promise<Download> {
    if (!this.online) {
      throw new DawnpourError(`cannot download ${url}: the network cannot be reached; is this machine online?`);
    }
    const bytes = this.files.get(url);
    if (!bytes) {
      throw new DawnpourError(`cannot download ${url}: the server answered 404 Not Found`);
    }
    return { size: bytes.length, chunks: this.#chunks(url, bytes) };
  }

  async serve(host: string): Promise<never> {
    throw new DawnpourError(`cannot serve at ${host}: a simulated network has no servers`);
  }

  async *#chunks(url: string, bytes: Uint8Array): AsyncIterable<Uint8Array> {
    const end = Math.min(bytes.length, this.breakAfter);
    for (let start = 0; start < end; start += CHUNK) {
      yield bytes.slice(start, Math.min(start + CHUNK, end));
    }
    if (end < bytes.length) {
      throw new DawnpourError(`cannot download ${url}: the connection broke; try again`);
    }
  }
}
