/** The network of this machine, through the built-in `fetch` and `node:http`. Its errors are one line each. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { brief, DawnpourError } from "../../error.js";
import { errorCode } from "../disk-error.js";
import type { Download, Network, Server } from "../world.js";

const MEANINGS: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host is not known; check the address, and whether this machine is online",
  EAI_AGAIN: "the host name cannot be looked up; is this machine online?",
  ENETUNREACH: "the network cannot be reached; is this machine online?",
  EHOSTUNREACH: "the host cannot be reached; is this machine online?",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was reset; try again",
  ETIMEDOUT: "the connection timed out; try again",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out; try again",
  UND_ERR_HEADERS_TIMEOUT: "the server did not answer; try again",
  UND_ERR_BODY_TIMEOUT: "the server stopped sending; try again",
  UND_ERR_SOCKET: "the connection broke; try again",
};

const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program has this port; choose another one, or 0 for any that is free",
  EACCES: "this user may not use this port; choose one from 1024",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the host name cannot be looked up",
};

export class NodeNetwork implements Network {
  async download(url: string): Promise<Download> {
    const response = await explainedFetch(url);
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      throw new DawnpourError(`cannot download ${url}: the server answered ${response.status} ${response.statusText}`);
    }
    return { size: announcedSize(response.headers), chunks: explainedChunks(url, response.body) };
  }

  async serve(host: string, port: number, answer: RequestListener): Promise<Server> {
    const server = createServer(answer);
    try {
      await once(server.listen(port, host), "listening");
    } catch (error) {
      const meaning = REFUSALS[errorCode(error) ?? ""] ?? (error as Error).message.split("\n")[0];
      throw new DawnpourError(`cannot serve at ${brief(host)}, port ${port}: ${meaning}`, { cause: error });
    }
    return {
      port: (server.address() as AddressInfo).port,
      close: async () => {
        const closed = once(server, "close");
        server.close();
        server.closeAllConnections();
        await closed;
      },
    };
  }
}

async function explainedFetch(url: string): Promise<Response> {
  try {
    return await fetch(url);
  } catch (error) {
    throw explainNetworkError(error, url);
  }
}

async function* explainedChunks(url: string, body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw explainNetworkError(error, url);
  }
}

/**
 * The size of the body, if announced. `fetch` decompresses a body, and then the announced size is not the one that
 * arrives.
 */
function announcedSize(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? undefined : Number(length);
}

/** `fetch` hides the reason in `cause` or, after several addresses, in the first error of that. */
function explainNetworkError(error: unknown, url: string): DawnpourError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  const meaning = MEANINGS[errorCode(first) ?? ""] ?? (first instanceof Error ? first.message : String(first));
  return new DawnpourError(`cannot download ${url}: ${meaning.split("\n")[0]}`, { cause: error });
}
