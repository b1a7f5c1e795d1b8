/** Frames between machines, as bytes that a browser can read, too. What comes from another machine is checked here. */
import { Packr } from "msgpackr";
import { z } from "zod";
import { LONGEST_NAME } from "../process/channel.js";

/** Without records the format is plain MessagePack, and no code is generated at run time. */
const packr = new Packr({ useRecords: false, moreTypes: true, int64AsType: "bigint" });

const name = z.string().min(1).max(LONGEST_NAME);
const address = z.object({ node: name, path: z.string().max(4096), incarnation: z.string().max(256).optional() });
const id = z.number().int().nonnegative();

const content = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("message"), to: address, message: z.unknown() }),
  z.object({
    kind: z.literal("heartbeat"),
    watched: z.array(z.object({ id, address })).max(4096),
    guarded: z.array(id).max(4096),
  }),
  z.object({ kind: z.literal("ended"), id, reason: z.string().max(64), error: z.string().max(65536).optional() }),
]);

const envelope = z.tuple([
  name,
  name,
  z.object({ connection: z.tuple([z.number(), z.number()]), sequence: z.number().int(), content }),
]);

/** Sender, receiver, frame. */
type Envelope = readonly [from: string, to: string, frame: unknown];

export const encodeEnvelope = (whole: Envelope): Uint8Array => packr.pack(whole);

/** Undefined for bytes that are no frame. */
export function decodeEnvelope(bytes: Uint8Array): Envelope | undefined {
  try {
    return envelope.safeParse(packr.unpack(bytes)).data;
  } catch {
    return undefined;
  }
}
