/** Where the contributions of the parts are added: `--reduce servers:2`, and its older form `--servers 2`. */
import { checkStrategy } from "../distributed/check-strategy.js";
import { brief, nearest, UsageError } from "../error.js";
import { filled, type TrainingOptions } from "../training/config/config.js";

/** As in `dawnpour predict`; a ring is predicted only. */
const WORDS = ["star", "servers"];

/** The number of parameter servers that `--reduce` names; none for a star. @throws UsageError */
function parseReduce(text: string): number | undefined {
  if (text === "star") return undefined;
  const [word, count = ""] = text.split(":");
  if (word === "servers" && /^[1-9]\d{0,8}$/.test(count)) return Number(count);
  if (text === "ring") throw new UsageError("reduce ring is predicted only (dawnpour predict): give star or servers:2");
  const near = nearest(word, WORDS);
  const give = near === "star" ? "star" : "servers:2";
  throw new UsageError(
    `reduce ${brief(text)} is no way to add contributions: ${near ? `did you mean ${give}?` : "give star or servers:2"}`,
  );
}

/** @throws UsageError where the two forms differ */
export function askedServers({
  reduce,
  servers,
}: {
  readonly reduce?: string;
  readonly servers?: number;
}): number | undefined {
  if (reduce === undefined) return servers;
  const count = parseReduce(reduce);
  if (servers === undefined || servers === count) return count;
  throw new UsageError(`--reduce ${brief(reduce)} and --servers ${servers} differ: give one of them`);
}

/** @throws UsageError for a star where the parts of the strategy go by themselves: it has parameter servers in any case */
export async function refuseStar({ reduce }: { readonly reduce?: string }, config: TrainingOptions): Promise<void> {
  if (reduce !== "star") return;
  const { isServed } = await checkStrategy(filled(config));
  if (!isServed) return;
  throw new UsageError(
    "the parts of this strategy go by themselves, on parameter servers: leave --reduce star out, or give --reduce servers:1",
  );
}
