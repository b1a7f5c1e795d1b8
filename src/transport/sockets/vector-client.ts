/** Reads stretches of another machine's memory: one connection, one request at a time. */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { crc32 } from "node:zlib";
import { DawnpourError, messageOf } from "../../error.js";
import { type Credentials, clientTls } from "../keys/credentials.js";
import { HEAD, REQUEST } from "./vector-server.js";

/** Where another machine hands out its memory. */
export interface VectorSource {
  readonly host: string;
  readonly port: number;
  /** In hexadecimal digits. */
  readonly secret: string;
}

/** Of a source with TLS: the member that asks, and the one that must answer. */
interface Secured {
  readonly credentials: Credentials;
  readonly peer: string;
}

/** Milliseconds without a byte after which a source is given up. */
const SILENCE = 5000;

interface Reading {
  readonly target: Uint8Array;
  readonly head: Buffer;
  filled: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class VectorClient {
  readonly #source: VectorSource;
  readonly #secured: Secured | undefined;
  #socket: Socket | undefined;
  #reading: Reading | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(source: VectorSource, secured?: Secured) {
    this.#source = source;
    this.#secured = secured;
  }

  /**
   * Fills `target` with the stretch of memory `memory` that begins at `offset`.
   * @throws DawnpourError when the other machine does not answer, or the bytes changed on the way
   */
  read(memory: number, offset: number, target: Uint8Array): Promise<void> {
    const read = this.#last.then(() => this.#request(memory, offset, target));
    this.#last = read.catch(() => undefined);
    return read;
  }

  close(): void {
    this.#fail("was left");
  }

  #request(memory: number, offset: number, target: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#reading = { target, head: Buffer.alloc(HEAD), filled: 0, resolve, reject };
      const request = Buffer.alloc(REQUEST);
      request.writeUInt32LE(memory);
      request.writeBigUInt64LE(BigInt(offset), 4);
      request.writeBigUInt64LE(BigInt(target.length), 12);
      this.#socket ??= this.#connect();
      this.#socket.write(request);
    });
  }

  #connect(): Socket {
    const { host, port, secret } = this.#source;
    const tls = this.#secured && clientTls(this.#secured.credentials, this.#secured.peer);
    const socket = tls ? connectTls({ ...tls, host, port }).setNoDelay() : connect({ host, port, noDelay: true });
    socket.write(Buffer.from(secret, "hex"));
    socket.setTimeout(SILENCE, () => this.#reading && socket === this.#socket && this.#fail("is silent"));
    socket.on("error", (error) => socket === this.#socket && this.#fail(`cannot be read: ${messageOf(error)}`));
    socket.on("close", () => socket === this.#socket && this.#fail("has closed the connection"));
    socket.on("data", (chunk) => this.#take(chunk));
    return socket;
  }

  #take(chunk: Buffer): void {
    const reading = this.#reading;
    if (!reading) {
      this.#fail("sent what was not asked for");
      return;
    }
    const { head, target } = reading;
    const toHead = Math.max(0, Math.min(HEAD - reading.filled, chunk.length));
    chunk.copy(head, reading.filled, 0, toHead);
    reading.filled += toHead;
    const rest = chunk.subarray(toHead);
    const at = reading.filled - HEAD;
    if (rest.length > target.length - at) {
      this.#fail("sent more than was asked for");
      return;
    }
    target.set(rest, at);
    reading.filled += rest.length;
    if (reading.filled < HEAD + target.length) return;
    this.#reading = undefined;
    if (crc32(target) === head.readUInt32LE(0)) reading.resolve();
    else reading.reject(new DawnpourError(`${this.#name} sent bytes that changed on the way`));
  }

  get #name(): string {
    return `the machine at ${this.#source.host}:${this.#source.port}`;
  }

  #fail(how: string): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#reading?.reject(new DawnpourError(`${this.#name} ${how}`));
    this.#reading = undefined;
  }
}
