/**
 * The side of the child in a process that a `ProcessHost` started. It ends with its parent, whatever happens to that; and
 * only the parent decides when else: what the terminal sends to all processes at once is for the parent to act on.
 */
import { Socket } from "node:net";
import { UsageError } from "../../error.js";
import { nativeCore } from "../../native-core.js";
import type { NodeSpec } from "../host.js";
import type { Transport } from "../transport.js";
import { Channel, type Packet, unpack } from "./channel.js";
import { CHANNEL_VARIABLE, type InheritedMemory, type Welcome } from "./entry.js";
import { PacketTransport } from "./packet-transport.js";

/** The exit code of a process whose parent is gone. */
const PARENT_GONE = 1;

const FROM_TERMINAL = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Joined {
  readonly spec: NodeSpec;
  /** For `Node`. Through it the node reaches all others of its host; once it is closed, the process ends when it is done. */
  readonly transport: Transport;
  /** As the host was given it, in that order, for `openSharedMemory`. */
  readonly memory: readonly InheritedMemory[];
}

/**
 * To be called once, first thing in the entry module of a `ProcessHost`.
 *
 * @throws UsageError in a process that no host started
 */
export async function joinParent(): Promise<Joined> {
  const fd = Number(process.env[CHANNEL_VARIABLE]);
  if (!fd) throw new UsageError("this module is for the processes of a ProcessHost: let a host start it");
  // Not for those that this process starts.
  delete process.env[CHANNEL_VARIABLE];
  endWithParent();
  return new Promise((resolve) => {
    let receive = (packet: Packet): void => {
      const { spec, memory } = unpack(packet).frame as Welcome;
      const transport = new PacketTransport(
        spec.name,
        (sent) => channel.send(sent),
        () => channel.release(),
      );
      receive = (next) => transport.receive(next);
      resolve({ spec, transport, memory });
    };
    const channel = new Channel(new Socket({ fd, readable: true, writable: true }), {
      receive: (packet) => receive(packet),
      ended: () => process.exit(PARENT_GONE),
    });
  });
}

function endWithParent(): void {
  for (const signal of FROM_TERMINAL) process.on(signal, () => undefined);
  // The end of the pipe tells it as well, but not to a process that is stopped.
  nativeCore<{ process: { endWithParent(): void } }>().process.endWithParent();
}
