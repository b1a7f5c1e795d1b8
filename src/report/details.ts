/** What is needed to repeat a run: its settings, devices and data. */
import type { RunPlace } from "../training/event.js";
import type { Json, RunData } from "./data.js";
import { type Html, html } from "./html.js";
import { count, words } from "./number-text.js";
import { section } from "./section.js";

export function details(data: RunData): Html {
  const { device, dataset, place } = data;
  const { rows } = words(dataset.pictures);
  const limits = Object.entries(device.limits).map(([name, value]): [string, string] => [name, count(value)]);
  return section(
    "run",
    "The run",
    "The settings that repeat this run.",
    html`<div class="tables">
<div>
${table("Settings", flatten(data.configuration))}
</div>
<div>
${place && table("Where", placeRows(place))}
${table("Result", [
  ["Parameters", count(data.parameterCount)],
  ["SHA-256 of the parameters", data.parametersSha256],
  ["Finished", data.date],
  ["Dawnpour", data.version],
])}
${table("Data", [
  ["Name", dataset.name],
  ["Source", dataset.source],
  [capital(rows), `${count(dataset.train)} to train on, ${count(dataset.test)} to test on`],
])}
${table(place && place.kind !== "device" ? "Device that measured the result" : "Device", [
  ["Name", device.name],
  ["Kind", device.kind === "webgpu" && device.software ? "webgpu, in software" : device.kind],
  ["Driver", device.driver],
  ["Id", device.id],
  ["Features", device.features.join(", ") || "\u2013"],
])}
${limits.length > 0 ? html`<details><summary>Limits of the device</summary>${table("Limits", limits)}</details>` : undefined}
</div></div>`,
  );
}

function placeRows({
  command,
  kind,
  devices,
  least,
  servers,
  link,
  faults,
  chaos,
  times,
}: RunPlace): [string, string][] {
  const plural = kind === "pipeline" ? "Stages" : "Workers";
  const rows: [string, string | undefined][] = [
    ["Command line", command],
    [plural, kind === "device" ? undefined : `${least === undefined ? "" : `${least}..`}${devices.length}`],
    [devices.length === 1 ? "Device" : "Devices", kind === "device" ? undefined : grouped(devices)],
    ["Parameter servers", servers?.toString()],
    ["Link", link],
    ["Faults", faults],
    ["Chaos", chaos],
    ...Object.entries(times ?? {}).map(([name, value]): [string, string] => [
      capital(name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)),
      `${count(value)} ms`,
    ]),
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]]));
}

/** `2 x CPU, 1 thread; NVIDIA H200` */
function grouped(devices: readonly string[]): string {
  const names = [...new Set(devices)];
  return names
    .map((name) => ({ name, number: devices.filter((device) => device === name).length }))
    .map(({ name, number }) => (number === 1 ? name : `${number} x ${name}`))
    .join("; ");
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function table(caption: string, rows: readonly (readonly [string, string])[]): Html {
  return html`<table class="pairs"><caption>${caption}</caption><tbody>${rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${wholeWords(value)}</td></tr>`,
  )}</tbody></table>`;
}

/** A scale is a fraction, as users give it: `1/255`. */
function settingText(key: string, value: Json): string {
  const divisor = key === "scale" && typeof value === "number" ? 1 / value : 1;
  const isWhole = divisor > 1.5 && Math.abs(divisor - Math.round(divisor)) < 1e-6;
  return isWhole ? `1/${Math.round(divisor)}` : String(value);
}

/** Options break at spaces only: a line that ends in the hyphen of `--device` could not be copied by eye. */
const wholeWords = (text: string): Html[] =>
  text.split(/(\s+)/).map((word) => (word.startsWith("-") ? html`<span class="whole">${word}</span>` : html`${word}`));

/** `{a: {b: 1}}` -> `a.b`, 1. */
function flatten(value: { readonly [key: string]: Json | undefined }, prefix = ""): [string, string][] {
  return Object.entries(value).flatMap(([key, entry]): [string, string][] => {
    if (entry === undefined) return [];
    const nested = typeof entry === "object" && entry !== null && !Array.isArray(entry);
    if (nested) return flatten(entry as { readonly [key: string]: Json }, `${prefix}${key}.`);
    return [[`${prefix}${key}`, Array.isArray(entry) ? entry.join(", ") : settingText(key, entry)]];
  });
}
