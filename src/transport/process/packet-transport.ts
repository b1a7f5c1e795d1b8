/** The transport of a node whose frames are sent as packets: through a pipe, or within the hub's process. */
import type { Transport } from "../transport.js";
import { type Packet, packer, unpack } from "./channel.js";

export class PacketTransport implements Transport {
  readonly node: string;
  readonly #send: (packet: Packet) => void;
  readonly #leave: () => void;
  readonly #packers = new Map<string, (frame: unknown) => Packet>();
  #receive: ((from: string, frame: unknown) => void) | undefined;
  #closed = false;

  constructor(node: string, send: (packet: Packet) => void, leave: () => void) {
    this.node = node;
    this.#send = send;
    this.#leave = leave;
  }

  /** @throws DataCloneError when the frame is not plain data */
  send(to: string, frame: unknown): void {
    if (this.#closed) return;
    let pack = this.#packers.get(to);
    if (!pack) {
      pack = packer(this.node, to);
      this.#packers.set(to, pack);
    }
    this.#send(pack(frame));
  }

  onFrame(receive: (from: string, frame: unknown) => void): void {
    this.#receive = receive;
  }

  receive(packet: Packet): void {
    if (!this.#receive) return;
    const { from, frame } = unpack(packet);
    this.#receive(from, frame);
  }

  close(): void {
    this.#closed = true;
    this.#receive = undefined;
    this.#leave();
  }
}
