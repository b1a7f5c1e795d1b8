/** A failure in words: the line on a terminal, and the columns of the table. */
import { faultKinds } from "../faults/fault.js";
import { beginning, type Failure } from "./failure-log.js";

/** `12.3 s, step 120: hang worker-2 for 3s: worker-2 gave no sign of life; noticed after 1.3 s; training waited 1.5 s; worker back after 2.4 s` */
export function failureLine(failure: Failure): string {
  const { step, recovery } = failure;
  const at = `${clock(beginning(failure))}, step ${step}`;
  if (!recovery) return `${at}: ${causes(failure)}${isHarmless(failure) ? "" : ": it had no effect"}`;
  const { waited, stepsLost, away } = recovery;
  const noticed = noticedAfter(failure);
  const parts = [
    `${at}: ${failure.injected.length > 0 ? `${causes(failure)}: ` : ""}${symptom(failure)}`,
    ...(noticed === undefined ? [] : [`noticed after ${seconds(noticed)}`]),
    waited > 0 ? `training waited ${seconds(waited)}` : "training did not wait",
    ...(stepsLost > 0 ? [`${stepsLost} ${stepsLost === 1 ? "step" : "steps"} done again`] : []),
    ...(away ? [returned(failure)] : []),
  ];
  return parts.join("; ");
}

/** `35.4 s: worker-2 is back after 23.1 s` */
export function backLine(failure: Failure): string {
  const { target, back = 0 } = failure;
  return `${clock(back)}: ${target} is back after ${seconds(backAfter(failure) ?? 0)}`;
}

/** Nothing fails by such faults. */
export const isHarmless = ({ injected }: Failure): boolean =>
  injected.every(({ fault }) => {
    const [kind] = fault.split(" ");
    return faultKinds.has(kind) && faultKinds.get(kind).failsNothing === true;
  });

/** `kill worker-1` */
export const causes = ({ injected }: Failure): string => injected.map(({ fault }) => fault).join(", ");

/** Seconds from the strike to the notice; undefined where the strike is not known. */
export function noticedAfter({ injected, recovery }: Failure): number | undefined {
  return recovery && injected.length > 0 ? Math.max(0, recovery.noticed - injected[0].at) : undefined;
}

/** Seconds that the node was away, as far as known. */
export function backAfter(failure: Failure): number | undefined {
  return failure.back === undefined ? undefined : failure.back - beginning(failure);
}

/** `worker-2 gave no sign of life` from `it gave no sign of life`. */
function symptom({ target, recovery }: Failure): string {
  const failure = recovery?.failure ?? "";
  if (failure.startsWith("it ")) return `${target}${failure.slice(2)}`;
  return failure.startsWith("its ") ? `${target}'s${failure.slice(3)}` : failure;
}

function returned(failure: Failure): string {
  const after = backAfter(failure);
  const what = failure.target.replace(/-.*/, "");
  return after === undefined ? `${what} not back yet` : `${what} back after ${seconds(after)}`;
}

/** Hundredths below one second, tenths above: `0.04 s`, `1.3 s`. */
export const seconds = (value: number): string => `${value.toFixed(value < 0.995 ? 2 : 1)} s`;

/** `12.3 s`, `2:31.0`, `1:02:31.0` */
export function clock(time: number): string {
  const tenths = Math.round(10 * time);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const [hours, minutes] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60];
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
