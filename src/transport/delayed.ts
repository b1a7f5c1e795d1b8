/**
 * A transport that simulates a slow link: each frame arrives after the latency, and the link sends one frame after the other at its
 * bandwidth. Frames keep their order.
 */
import type { Clock, Timers } from "../world/world.js";
import type { Link } from "./link.js";
import type { Transport } from "./transport.js";

interface DelayedPlace {
  readonly world: { readonly clock: Pick<Clock, "now">; readonly timers: Timers };
  /** Whether frames to a node go over the link; others arrive at once. */
  isFar(node: string): boolean;
}

/** Delays the frames that `transport` sends. Frames that it receives were delayed by their sender. */
export function delayedTransport(transport: Transport, link: Link, { world, isFar }: DelayedPlace): Transport {
  const { clock, timers } = world;
  const waiting: { readonly to: string; readonly frame: unknown; readonly due: number }[] = [];
  const cancels = new Set<() => void>();
  /** The time at which the link has carried all frames. */
  let free = 0;
  const deliver = (cancel: () => void): void => {
    cancels.delete(cancel);
    // A timer may be late, and then several frames are due.
    while (waiting.length > 0 && waiting[0].due <= clock.now() + EARLY) {
      const [{ to, frame }] = waiting.splice(0, 1);
      transport.send(to, frame);
    }
  };
  return {
    node: transport.node,
    send(to, frame) {
      if (!isFar(to)) {
        transport.send(to, frame);
        return;
      }
      const now = clock.now();
      free = Math.max(now, free) + (1000 * bytesOf(frame)) / link.bytesPerSecond;
      const due = free + 1000 * link.latency;
      waiting.push({ to, frame, due });
      const cancel = timers.after(due - now, () => deliver(cancel));
      cancels.add(cancel);
    },
    onFrame: (receive) => transport.onFrame(receive),
    close() {
      for (const cancel of cancels) cancel();
      transport.close();
    },
  };
}

/** Milliseconds by which a timer of the system may fire too early. */
const EARLY = 1;
/** Bytes of a number, and of the length or the brackets around another value. */
const [NUMBER, AROUND] = [8, 2];

/** About as many bytes as a frame has on the wire. */
function bytesOf(value: unknown): number {
  if (typeof value === "string") return AROUND + value.length;
  if (typeof value !== "object" || value === null) return NUMBER;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return AROUND + value.byteLength;
  const parts: readonly unknown[] =
    value instanceof Map || value instanceof Set ? [...value].flat() : Object.entries(value).flat();
  return parts.reduce<number>((sum, part) => sum + bytesOf(part), AROUND);
}
