/**
 * Frames over the pipe between a process and its parent. A packet has its length, the names of receiver and sender, and the
 * frame as structured clone. So a hub can forward a packet by its header, without reading the frame.
 *
 * When the other side does not read, packets wait in this process. While `MOST_WAITING` bytes or more wait, further
 * packets are dropped, and `dropped` is called.
 */
import type { Socket } from "node:net";
import { DefaultSerializer, deserialize } from "node:v8";

/** Bytes that wait for a reader before packets to it are dropped. */
const MOST_WAITING = 16 * 2 ** 20;

const LENGTH_BYTES = 4;
const ADDRESS = LENGTH_BYTES;
/** Longest name, in bytes: its length is one byte. */
export const LONGEST_NAME = 255;

/** A frame on the wire. */
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

/** The node that a packet goes to. */
export function receiverOf(packet: Packet): string {
  return packet.toString("utf8", ADDRESS + 1, ADDRESS + 1 + packet[ADDRESS]);
}

/** The sender and the frame of a packet. */
export function unpack(packet: Packet): { from: string; frame: unknown } {
  const sender = ADDRESS + 1 + packet[ADDRESS];
  const end = sender + 1 + packet[sender];
  return { from: packet.toString("utf8", sender + 1, end), frame: deserialize(packet.subarray(end)) };
}

export interface ChannelListener {
  /** Called for each packet, in order. */
  receive(packet: Packet): void;
  /** The other side is gone, or this one was closed. */
  ended?(): void;
  /** A packet was dropped because too much was waiting. */
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
    // After an error the socket closes; `close` handles that.
    socket.on("error", () => undefined);
    socket.on("close", () => listener.ended?.());
  }

  send(packet: Packet): void {
    if (this.#closed || !this.#socket.writable) return;
    if (this.#socket.writableLength >= MOST_WAITING) this.#listener.dropped?.();
    else this.#socket.write(packet);
  }

  /** Sends a last packet. Resolves when the operating system has the packet, or the pipe is closed. Then the process may end. */
  sendLast(packet: Packet): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed || !this.#socket.writable) resolve();
      else this.#socket.write(packet, () => resolve());
    });
  }

  /** Lets the process end although the channel is open. */
  release(): void {
    this.#socket.unref();
  }

  /** Nothing is sent or received any more, and waiting packets are dropped. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }
}

/** Cuts a stream of bytes into packets. */
class PacketReader {
  readonly #receive: (packet: Packet) => void;
  /** Chunks of a packet that is not complete yet. */
  #chunks: Buffer[] = [];
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
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    // The chunks of a large packet are joined once, when the packet is complete.
    if (this.#length >= this.#wanted) this.#take(Buffer.concat(this.#chunks, this.#length));
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
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#length = bytes.length - at;
  }
}
