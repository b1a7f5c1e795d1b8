/** The options of `CoordinatorState`, and its times. */
import type { Ref } from "../../actor/ref.js";
import type { TriggerOptions } from "../../training/triggers.js";
import type { Link } from "../../transport/link.js";
import type { VectorFabric } from "../fabric.js";
import type { ToJournal } from "../journal/journal-protocol.js";
import type { RoundHistoryOptions } from "./round-history.js";

export interface StateTimes {
  /** Milliseconds that the link needs for the vectors of a round. Default: 0. */
  readonly transit?: number;
  /** Milliseconds after which a message without an answer is sent again. */
  readonly remind: number;
  /**
   * Milliseconds that a worker may take for one answer before its process is ended: a device may hang while the process
   * lives.
   */
  readonly step: number;
  /** Milliseconds that a vote waits for the rest once most workers have voted. */
  readonly grace: number;
}

export interface StateOptions extends RoundHistoryOptions {
  /** Without it workers share no lease. */
  readonly barrier?: VectorFabric["barrier"];
  readonly triggers: TriggerOptions;
  /** Rounds before which faults are due; default: none. */
  readonly faultRounds?: readonly number[];
  readonly times: StateTimes;
  /** The fewest workers to train with. With fewer the run waits. Default: 1. */
  readonly least?: number;
  /** Advice in the error of a training that diverges. */
  readonly divergenceAdvice?: string;
  readonly journal: Ref<ToJournal>;
  /** The link of each machine. Default: messages and vectors take as long as they take. */
  readonly link?: Link;
}
