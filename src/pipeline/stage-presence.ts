/** Announces the actor of a further node: from then on the journal watches it, and ends its node if it hangs. */
import type { Context } from "../actor/behavior.js";
import { AskError, type Ref } from "../actor/ref.js";
import type { ToJournal } from "../cluster/protocol.js";

/** Repeats the announcement until the journal confirms it. @param remind milliseconds between two attempts */
export async function announceStage(context: Context<never>, journal: Ref<ToJournal>, remind: number): Promise<void> {
  const { node, incarnation } = context.system;
  const ref = context.self;
  while (!context.signal.aborted) {
    try {
      await journal.ask((replyTo) => ({ kind: "watch", node, incarnation, ref, replyTo }), remind);
      return;
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
    }
  }
}
