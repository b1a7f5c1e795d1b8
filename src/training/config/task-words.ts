/** The words of tasks: noise and sparsity, as `gaussian:0.3` and `kl:0.05:3`, and which task a configuration asks for. */
import { brief, UsageError, unknownWord } from "../../error.js";

/** What a run learns, besides models of a user's own. */
export const TASKS = ["autoencoder", "classify", "regress"] as const;

/** Noise on the input, not on the target, of a denoising autoencoder. */
interface Noise {
  readonly kind: "gaussian" | "mask";
  /** Deviation, or the share of values that become 0. */
  readonly amount: number;
}

/** A penalty on codes that are not sparse. */
interface Sparsity {
  readonly kind: "kl" | "l1";
  /** Mean activation that `kl` asks of a unit. */
  readonly target: number;
  readonly weight: number;
}

/** `gaussian:0.3` or `mask:0.25`. @throws UsageError */
export function parseNoise(text: string): Noise {
  const { kind, numbers } = parsed("denoise", text, ["gaussian", "mask"], [1, 1]);
  const [amount] = numbers;
  const isShare = kind === "mask" ? amount < 1 : true;
  if (amount > 0 && isShare) return { kind, amount };
  throw new UsageError(
    `denoise ${brief(text)}: ${kind === "mask" ? "a share above 0 and below 1, as in mask:0.25" : "a deviation above 0, as in gaussian:0.3"}`,
  );
}

/** `kl:TARGET[:WEIGHT]`, by default of weight 3, or `l1:WEIGHT`. @throws UsageError */
export function parseSparsity(text: string): Sparsity {
  const { kind, numbers } = parsed("sparse", text, ["kl", "l1"], [1, 2]);
  const [first, second] = numbers;
  if (kind === "l1" && second === undefined && first > 0) return { kind, target: 0, weight: first };
  if (kind === "kl" && first > 0 && first < 1 && (second ?? 1) > 0)
    return { kind, target: first, weight: second ?? KL_WEIGHT };
  const rule =
    kind === "kl"
      ? "a mean activation between 0 and 1, and a weight above 0, as in kl:0.05:3"
      : "one weight above 0, as in l1:0.1";
  throw new UsageError(`sparse ${brief(text)}: ${rule}`);
}

/** As in Ng 2011. */
const KL_WEIGHT = 3;

function parsed<K extends string>(
  what: string,
  text: string,
  kinds: readonly K[],
  [least, most]: readonly [number, number],
) {
  const [word, ...rest] = text.split(":");
  const kind = kinds.find((one) => one === word);
  if (kind === undefined) throw unknownWord(what, word, kinds);
  const numbers = rest.map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.length < least || numbers.length > most || numbers.some((number) => !Number.isFinite(number))) {
    throw new UsageError(`${what} ${brief(text)}: give ${kind}:NUMBER`);
  }
  return { kind, numbers };
}
