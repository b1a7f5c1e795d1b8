/** How the actor of a further node makes itself known: the ledger watches it from then on, and ends its node if it hangs. */
import type { Context } from "../actor/behavior.js";
import { AskError, type Ref } from "../actor/ref.js";
import type { ToLedger } from "../cluster/protocol.js";

/** Says so until it was heard. @param remind milliseconds between two attempts */
export async function attend(context: Context<never>, ledger: Ref<ToLedger>, remind: number): Promise<void> {
  const { node, session } = context.system;
  const ref = context.self;
  while (!context.signal.aborted) {
    try {
      await ledger.ask((replyTo) => ({ kind: "attending", node, session, ref, replyTo }), remind);
      return;
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
    }
  }
}
