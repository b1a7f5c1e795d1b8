/**
 * The child's side in a process that a `ProcessHost` started. The child ends with its parent, however the parent ends. It
 * ignores the signals that a terminal sends to all its processes at once, because the parent decides when the child ends.
 */
import { Socket } from "node:net";
import { UsageError } from "../../error.js";
import { nativeCore } from "../../native-core.js";
import type { NodeSpec } from "../host.js";
import type { Transport } from "../transport.js";
import { Channel, type Packet, packer, unpack } from "./channel.js";
import { CHANNEL_VARIABLE, type Farewell, type InheritedMemory, PARENT, type Welcome } from "./entry.js";
import { PacketTransport } from "./packet-transport.js";

/** Exit codes of a process whose parent has ended, and of a process that gives up. */
const [PARENT_GONE, GIVEN_UP] = [1, 1];

const FROM_TERMINAL = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A child process that has joined its parent. */
export interface Joined {
  readonly spec: NodeSpec;
  /**
   * Transport for `Node`. It reaches all nodes of the host. After its `close` the process ends when it has no work left.
   */
  readonly transport: Transport;
  /** The memory of the host, in its order, as arguments of `openSharedMemory`. */
  readonly memory: readonly InheritedMemory[];
  /** Ends this process with exit code 1, once the parent can read the reason. It becomes the `reason` of the exit. */
  giveUp(reason: string): void;
}

/**
 * Joins the host that started this process. The entry module of a `ProcessHost` calls it once, before anything else.
 *
 * @throws UsageError in a process that no host started
 */
export async function joinParent(): Promise<Joined> {
  const fd = Number(process.env[CHANNEL_VARIABLE]);
  if (!fd) throw new UsageError("this module runs in the processes of a ProcessHost: let a host start it");
  // Processes that this process starts must not inherit the variable.
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
      const giveUp = (reason: string): void => {
        const farewell: Farewell = { reason };
        void channel.sendLast(packer(spec.name, PARENT)(farewell)).then(() => process.exit(GIVEN_UP));
      };
      resolve({ spec, transport, memory, giveUp });
    };
    const channel = new Channel(new Socket({ fd, readable: true, writable: true }), {
      receive: (packet) => receive(packet),
      ended: () => process.exit(PARENT_GONE),
    });
  });
}

function endWithParent(): void {
  for (const signal of FROM_TERMINAL) process.on(signal, () => undefined);
  // The pipe ends with the parent as well, but a stopped process does not notice that.
  nativeCore<{ process: { endWithParent(): void } }>().process.endWithParent();
}
