/**
 * Hands stretches of this machine's memory to other machines. A connection begins with a secret that only the machines of the
 * run know. A request has the number of the memory, the offset and the length; the answer has a checksum and the bytes.
 */
import { timingSafeEqual } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { crc32 } from "node:zlib";
import { type Credentials, nameIn, serverTls } from "../keys/credentials.js";
import type { MappedRanges } from "./mapped-ranges.js";

/** Bytes of a secret, of a request and of the begin of an answer. */
export const [SECRET, REQUEST, HEAD] = [32, 20, 4];

/** Of a server with TLS: its member, and which others it answers. */
interface Admission {
  readonly credentials: Credentials;
  admits(member: string): boolean;
}

export class VectorServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static open(secret: Buffer, ranges: MappedRanges, host: string, admission?: Admission): Promise<VectorServer> {
    return new Promise((resolve, reject) => {
      const server = new VectorServer(secret, ranges, admission);
      server.#server.once("error", reject);
      server.#server.listen(0, host, () => resolve(server));
    });
  }

  private constructor(secret: Buffer, ranges: MappedRanges, admission?: Admission) {
    const keep = (socket: Socket): void => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    };
    if (!admission) {
      this.#server = createServer({ noDelay: true }, (socket) => {
        keep(socket);
        serve(socket, secret, ranges);
      });
      return;
    }
    this.#server = createTlsServer({ ...serverTls(admission.credentials), noDelay: true }, (socket) => {
      const member = nameIn(socket.getPeerCertificate());
      if (member !== undefined && admission.admits(member)) serve(socket, secret, ranges);
      else socket.destroy();
    });
    // Also those that have not shown a certificate yet.
    this.#server.on("connection", keep);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function serve(socket: Socket, secret: Buffer, ranges: MappedRanges): void {
  let waiting = Buffer.alloc(0);
  let isKnown = false;
  // After an error the socket closes.
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    if (!isKnown && waiting.length >= SECRET) {
      isKnown = timingSafeEqual(waiting.subarray(0, SECRET), secret);
      if (!isKnown) return socket.destroy();
      waiting = waiting.subarray(SECRET);
    }
    while (isKnown && waiting.length >= REQUEST) {
      const range = ranges.of(
        waiting.readUInt32LE(0),
        Number(waiting.readBigUInt64LE(4)),
        Number(waiting.readBigUInt64LE(12)),
      );
      waiting = waiting.subarray(REQUEST);
      if (!range) return socket.destroy();
      const head = Buffer.alloc(HEAD);
      head.writeUInt32LE(crc32(range));
      socket.write(head);
      socket.write(range);
    }
    if (waiting.length > 1024 * REQUEST) socket.destroy();
    return undefined;
  });
}
