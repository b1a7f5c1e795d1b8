/** Announces the actor of a further node: from then on the journal watches it, and ends its node if it hangs. */
import type { Context } from "../actor/behavior.js";
import type { Ref } from "../actor/ref.js";
import { askUntilAnswered } from "../actor/retry.js";
import type { ToJournal } from "../cluster/journal/journal-protocol.js";

/** Repeats the announcement until the journal confirms it. @param remind milliseconds between two attempts */
export async function announceStage(context: Context<never>, journal: Ref<ToJournal>, remind: number): Promise<void> {
  const { node, incarnation } = context.system;
  const { self: ref, signal } = context;
  const make = (replyTo: Ref<{ readonly kind: "noted" }>): ToJournal => ({
    ...{ kind: "watch", node, incarnation, ref, replyTo },
  });
  await askUntilAnswered(journal, make, { remind, signal });
}
