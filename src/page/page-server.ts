/**
 * The server of the page. Every path begins with a token; other paths get an error. The stream of changes says how many rows each run
 * has, and the page asks for those that it lacks. So a page that is opened late, or connects again, needs no other code.
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf, UsageError } from "../error.js";
import type { Server, World } from "../world/world.js";
import { type Asset, HEADERS } from "./assets.js";
import type { RunFeed } from "./run-feed.js";

/** Milliseconds between two looks for changes, and of silence after which a stream tells that it is alive. */
const [LOOK, ALIVE] = [200, 15_000];
/** Pages that are open at once, rows and events of one answer, and bytes of a request. */
const [PAGES, ROWS, EVENTS, REQUEST] = [32, 16_384, 5000, 1024];

interface PageServerOptions {
  readonly world: Pick<World, "clock" | "timers" | "network">;
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly runs: readonly RunFeed[];
  /** By name, such as `client.js`; the page itself is ``. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** Called when a page is opened. */
  readonly onPage?: () => void;
}

/** The answer; undefined if it comes later. */
type Answer = ServerResponse | undefined;

/** Makes a fault strike. */
type Strike = (fault: string) => void;

export class PageServer {
  readonly #options: PageServerOptions;
  /** Open pages, and what each was told last. */
  readonly #streams = new Map<ServerResponse, string>();
  /** When the pages were last told anything. */
  #toldAt = 0;
  #cancel: () => void = () => undefined;
  #server: Server | undefined;
  /** Makes a fault strike the run, where that is allowed and there are workers. */
  strike: Strike | undefined;

  private constructor(options: PageServerOptions) {
    this.#options = options;
  }

  /** @throws DawnpourError when the port cannot be had */
  static async open(options: PageServerOptions): Promise<PageServer> {
    const server = new PageServer(options);
    const { world, host, port } = options;
    server.#server = await world.network.serve(host, port, (request, response) => server.#answer(request, response));
    return server;
  }

  /** The address that opens the page. */
  get link(): string {
    const { host, token } = this.#options;
    return `http://${host.includes(":") ? `[${host}]` : host}:${this.#server?.port}/${token}/`;
  }

  /** Whether a browser has the page open. */
  get isWatched(): boolean {
    return this.#streams.size > 0;
  }

  /** Tells the pages what came last, and ends every connection. */
  async close(): Promise<void> {
    this.#cancel();
    this.#tell();
    for (const stream of this.#streams.keys()) stream.end();
    // What was written last has to leave before the connection ends.
    await new Promise<void>((settle) => this.#options.world.timers.after(LOOK / 4, settle));
    await this.#server?.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): Answer {
    const [, token = "", ...path] = (request.url ?? "").split("?")[0].split("/");
    response.on("error", () => undefined);
    if (!isEqual(token, this.#options.token)) return refuse(response, 403, "this address needs the token of its link");
    if (request.method === "POST" && path.join("/") === "faults") return this.#fault(request, response);
    if (request.method !== "GET") return refuse(response, 405, "this page is only read");
    return this.#get(path, new URLSearchParams((request.url ?? "").split("?")[1]), response);
  }

  #get(path: readonly string[], query: URLSearchParams, response: ServerResponse): Answer {
    const [first = "", number, what] = path;
    if (path.length === 0) return redirect(response, `/${this.#options.token}/`);
    if (first === "changes") return this.#open(response);
    if (first === "runs" && number === undefined)
      return json(
        response,
        this.#options.runs.map(({ run }) => run),
      );
    const feed = first === "runs" && /^\d{1,4}$/.test(number) ? this.#options.runs[Number(number)] : undefined;
    if (feed) return this.#part(feed, what, query, response);
    const asset = path.length === 1 ? this.#options.assets.get(first) : undefined;
    if (!asset) return refuse(response, 404, "there is no such page");
    return response.writeHead(200, { ...HEADERS, "content-type": asset.type }).end(asset.body);
  }

  /** A part of a run. */
  #part(feed: RunFeed, what: string | undefined, query: URLSearchParams, response: ServerResponse): Answer {
    const from = Number(/^\d{1,12}$/.exec(query.get("from") ?? "0")?.[0]);
    if (Number.isNaN(from)) return refuse(response, 400, "from is a whole number from 0");
    switch (what) {
      case "steps":
        return numbers(response, feed.steps.rows(from, from + ROWS));
      case "workers":
        return numbers(response, feed.workers?.rows(from, from + ROWS) ?? new Float64Array());
      case "log":
        return json(response, feed.log.slice(from, from + EVENTS));
      case "pictures":
        return json(response, feed.pictures ?? null);
      default:
        return refuse(response, 404, "there is no such part of a run");
    }
  }

  /** A stream of changes. */
  #open(response: ServerResponse): Answer {
    if (this.#streams.size >= PAGES) return refuse(response, 503, `there are ${PAGES} pages open already: close one`);
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" });
    this.#streams.set(response, "");
    response.on("close", () => this.#streams.delete(response));
    this.#options.onPage?.();
    this.#look();
    return response;
  }

  /** Looks for changes as long as there is a page. */
  #look(): void {
    this.#cancel();
    this.#tell();
    if (this.#streams.size > 0) this.#cancel = this.#options.world.timers.after(LOOK, () => this.#look());
  }

  #tell(): void {
    if (this.#streams.size === 0) return;
    const now = this.#options.world.clock.now();
    const isSilent = now - this.#toldAt >= ALIVE;
    const text = this.#extents();
    for (const [stream, told] of this.#streams) {
      // A page that does not read takes no memory: it is told the newest state when it reads again.
      if ((told === text && !isSilent) || stream.writableNeedDrain) continue;
      stream.write(told === text ? ": here\n\n" : `data: ${text}\n\n`);
      this.#streams.set(stream, text);
      this.#toldAt = now;
    }
  }

  #extents(): string {
    return JSON.stringify(this.#options.runs.map(({ extent }) => extent));
  }

  #fault(request: IncomingMessage, response: ServerResponse): Answer {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.length > REQUEST) request.destroy();
    });
    request.on("error", () => undefined);
    request.on("end", () => {
      if (!this.strike) return refuse(response, 403, "this run takes no faults by hand (--allow-faults)");
      try {
        this.strike(text);
        return response.writeHead(204, HEADERS).end();
      } catch (error) {
        return refuse(response, error instanceof UsageError ? 400 : 500, messageOf(error));
      }
    });
    return undefined;
  }
}

/** In a time that does not tell how much of it was right. */
function isEqual(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function refuse(response: ServerResponse, code: number, why: string): Answer {
  return response.writeHead(code, { ...HEADERS, "content-type": "text/plain; charset=utf-8" }).end(`${why}\n`);
}

function redirect(response: ServerResponse, location: string): Answer {
  return response.writeHead(308, { ...HEADERS, location }).end();
}

function json(response: ServerResponse, value: unknown): Answer {
  return response.writeHead(200, { ...HEADERS, "content-type": "application/json" }).end(JSON.stringify(value));
}

/** As 64-bit floating-point numbers, the lowest byte first, as every platform of Node has them. */
function numbers(response: ServerResponse, rows: Float64Array): Answer {
  const bytes = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength);
  return response.writeHead(200, { ...HEADERS, "content-type": "application/octet-stream" }).end(bytes);
}
