/** What a machine says of itself in the registry, checked: any member may have written it. */
import { z } from "zod";
import { ARITHMETICS } from "../../device/cpu/arithmetic.js";
import { DEVICE_CHOICES } from "../../device/open.js";
import type { WorkerPlace } from "../../placement/placement.js";

/** Devices of a machine; more are no machine. */
const MOST = 256;
/** Text for the user: one line, and not a long one. */
const Line = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u);

const Announced = z.strictObject({
  places: z
    .array(
      z.strictObject({
        label: Line,
        describe: Line,
        open: z.strictObject({
          device: z.enum(DEVICE_CHOICES).optional(),
          adapter: Line.optional(),
          threads: z.int().positive().optional(),
          arithmetic: z.enum(ARITHMETICS).optional(),
        }),
        environment: z.record(z.string().max(200), z.string().max(4000)).optional(),
      }),
    )
    .max(MOST),
});

/** The devices in an entry; undefined when it is no entry of a machine. */
export function announcedPlaces(value: unknown): readonly WorkerPlace[] | undefined {
  return Announced.safeParse(value).data?.places;
}
