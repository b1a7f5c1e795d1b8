/**
 * Frames over the pipe between a process and its parent. On the wire a frame is its length, the names of the nodes that it
 * goes to and comes from, and the frame itself as structured clone: so a hub passes it on as it is, by a look at its head.
 *
 * When the other side does not read, what is sent waits in this process. While `MOST_WAITING` bytes or more do, further
 * frames are dropped, as any transport may; that is told.
 */
import type { Socket } from "node:net";
import { DefaultSerializer, deserialize } from "node:v8";

/** Bytes that wait for a reader before frames to it are dropped. */
const MOST_WAITING = 16 * 2 ** 20;

const LENGTH_BYTES = 4;
const ADDRESS = LENGTH_BYTES;
/** A name is not longer: its length is one byte. */
export const LONGEST_NAME = 255;

/** A frame as it travels. */
export type Packet = Buffer;

/** Makes packets from one node to another. */
export function packer(from: string, to: string): (frame: unknown) => Packet {
  const [sender, receiver] = [Buffer.from(from), Buffer.from(to)];
  const head = Buffer.concat([
    Buffer.alloc(LENGTH_BYTES),
    Buffer.from([receiver.length]),
    receiver,
    Buffer.from([sender.length]),
    sender,
  ]);
  return (frame) => {
    const serializer = new DefaultSerializer();
    serializer.writeRawBytes(head);
    serializer.writeHeader();
    serializer.writeValue(frame);
    const packet = serializer.releaseBuffer();
    packet.writeUInt32LE(packet.length, 0);
    return packet;
  };
}

/** To which node a packet goes. */
export function receiverOf(packet: Packet): string {
  return packet.toString("utf8", ADDRESS + 1, ADDRESS + 1 + packet[ADDRESS]);
}

/** From which node it comes, and what it says. */
export function unpack(packet: Packet): { from: string; frame: unknown } {
  const sender = ADDRESS + 1 + packet[ADDRESS];
  const end = sender + 1 + packet[sender];
  return { from: packet.toString("utf8", sender + 1, end), frame: deserialize(packet.subarray(end)) };
}

export interface ChannelListener {
  /** Is called for each packet, in order. */
  receive(packet: Packet): void;
  /** The other side is gone, or this one was closed. */
  ended?(): void;
  /** A packet was not sent because too much was waiting. */
  dropped?(): void;
}

export class Channel {
  readonly #socket: Socket;
  readonly #listener: ChannelListener;
  #closed = false;

  constructor(socket: Socket, listener: ChannelListener) {
    this.#socket = socket;
    this.#listener = listener;
    const reader = new PacketReader((packet) => {
      if (!this.#closed) listener.receive(packet);
    });
    socket.on("data", (chunk: Buffer) => reader.push(chunk));
    // What cannot be written or read any more is over; that is told by `close`.
    socket.on("error", () => undefined);
    socket.on("close", () => listener.ended?.());
  }

  send(packet: Packet): void {
    if (this.#closed || !this.#socket.writable) return;
    if (this.#socket.writableLength >= MOST_WAITING) this.#listener.dropped?.();
    else this.#socket.write(packet);
  }

  /** The process may end though the other side is there. */
  release(): void {
    this.#socket.unref();
  }

  /** From now on nothing is sent or received, and what was waiting is dropped. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }
}

/** Cuts a stream of bytes into packets. */
class PacketReader {
  readonly #receive: (packet: Packet) => void;
  /** Pieces of a packet that is not whole yet. */
  #pieces: Buffer[] = [];
  #length = 0;
  /** Bytes to wait for: those of the packet, or of its length. */
  #wanted = LENGTH_BYTES;

  constructor(receive: (packet: Packet) => void) {
    this.#receive = receive;
  }

  push(chunk: Buffer): void {
    if (this.#length === 0) {
      this.#take(chunk);
      return;
    }
    this.#pieces.push(chunk);
    this.#length += chunk.length;
    // A large packet is put together once, not with every piece.
    if (this.#length >= this.#wanted) this.#take(Buffer.concat(this.#pieces, this.#length));
  }

  #take(bytes: Buffer): void {
    let at = 0;
    this.#wanted = LENGTH_BYTES;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = bytes.readUInt32LE(at);
      if (bytes.length - at < length) {
        this.#wanted = length;
        break;
      }
      this.#receive(bytes.subarray(at, at + length));
      at += length;
    }
    this.#pieces = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#length = bytes.length - at;
  }
}
