/** The processes of a run as a tree: state, restarts and pace of each, and a menu that makes it fail. */

import type { WorkerStatus } from "../../distributed/status/status.js";
import { type Html, html } from "../../report/html.js";
import { count } from "../../report/number-text.js";
import { section } from "../../report/section.js";
import type { RunCopy } from "./copy.js";
import { addSection, fill, part, say } from "./dom.js";

/** A sign for each state, so that no state is told by its colour alone. */
const SIGNS: Readonly<Record<string, string>> = {
  ...{ running: "●", working: "●", idle: "○", starting: "◌", healing: "◐" },
  ...{ absent: "·", suspended: "‖", lost: "✕", ended: "✕" },
};
/** The faults in the menu of any process, and of a worker. */
const FAULTS = [
  ["Kill", (node: string) => `kill ${node}`],
  ["Hang for 5 s", (node: string) => `hang ${node} for 5s`],
  ["Cut off for 5 s", (node: string) => `cut ${node} for 5s`],
] as const;
const OF_WORKERS = [["Slow down, 4x for 15 s", (node: string) => `slow ${node} by 4x for 15s`]] as const;
/** A worker is a straggler if a part takes it this many times the median of the others. */
const SLOW = 2;

export class Nodes {
  readonly #copy: RunCopy;
  readonly #node: HTMLElement;
  readonly #say: (text: string) => void;
  /** The lines, by the name of the process. A line stays: a menu that is open does not close. */
  readonly #lines = new Map<string, HTMLElement>();

  constructor(copy: RunCopy, announce: (text: string) => void) {
    this.#copy = copy;
    this.#say = announce;
    const { kind, devices } = copy.run;
    const alone = html`<p class="node"><span class="sign" aria-hidden="true">●</span><b>trainer</b> <span>${devices.join(", ")}</span></p>`;
    const tree = html`<ul class="tree"><li><p class="node"><span class="sign" aria-hidden="true">●</span><b>main</b> <span>journal, checkpointer, a supervisor of each process</span></p><ul data-part="processes"></ul></li></ul>`;
    this.#node = addSection(
      section("nodes", kind === "device" ? "Where it runs" : "Actors", "", kind === "device" ? alone : tree),
    );
    this.#node.addEventListener("click", ({ target }) => {
      const { fault } = (target as HTMLElement).dataset;
      if (fault) void this.#strike(fault);
    });
  }

  /** @param until seconds: failures that came later are not counted */
  draw(until: number): void {
    const { run, extent } = this.#copy;
    if (!run.isLive && run.kind !== "device") this.#drawRecorded(until);
    const { status, isOver } = extent;
    if (!status) return;
    for (const { name, state, restarts } of status.processes) {
      const line = this.#lines.get(name) ?? this.#add(name);
      const worker = status.workers.find((one) => one.name === name);
      const now = isOver ? "ended" : (worker?.state ?? state);
      say(part(line, "sign"), SIGNS[now] ?? "");
      line.dataset.state = now;
      say(
        part(line, "state"),
        [isOver ? "the run is over" : now, restartText(restarts), ...figures(worker)].join(", "),
      );
      if (isOver) line.querySelector("details.faults")?.remove();
      const slow = worker && !isOver ? straggling(worker, status.workers) : "";
      say(part(line, "slow"), slow ?? "");
    }
  }

  /** A record has no states, but what failed. */
  #drawRecorded(until: number): void {
    const { devices, kind } = this.#copy.run;
    const failures = this.#copy.failures(until);
    const named = new Set(failures.map(({ target }) => target));
    const workers = kind === "workers" ? devices.map((_, i) => `worker-${i}`) : [];
    for (const name of new Set(["coordinator", ...workers, ...[...named].filter((target) => target.includes("-"))])) {
      const line = this.#lines.get(name) ?? this.#add(name);
      const failed = failures.filter(({ target }) => target === name).length;
      const device = devices[workers.indexOf(name)];
      const text = `${failed === 0 ? "no" : failed} ${failed === 1 ? "failure" : "failures"}`;
      say(part(line, "sign"), "●");
      say(part(line, "state"), [text, ...(device === undefined ? [] : [device])].join(", "));
    }
  }

  #add(name: string): HTMLElement {
    const line = document.createElement("li");
    fill(
      line,
      html`<p class="node"><span class="sign" data-part="sign" aria-hidden="true"></span><b>${name}</b> <span data-part="state"></span> <strong data-part="slow"></strong></p>${this.#copy.run.canFail ? menu(name) : undefined}`,
    );
    this.#lines.set(name, line);
    part(this.#node, "processes").append(line);
    return line;
  }

  async #strike(fault: string): Promise<void> {
    const response = await fetch("faults", { method: "POST", body: fault });
    this.#say(response.ok ? `${fault}: on its way` : (await response.text()).trim());
  }
}

function menu(name: string): Html {
  const faults = [...FAULTS, ...(name.startsWith("worker-") ? OF_WORKERS : [])];
  return html`<details class="faults"><summary>Make ${name} fail</summary><p>${faults.map(([label, text]) => html`<button type="button" data-fault="${text(name)}">${label}</button>`)}</p></details>`;
}

const restartText = (restarts: number): string => `${restarts} ${restarts === 1 ? "restart" : "restarts"}`;

function figures(worker: WorkerStatus | undefined): string[] {
  if (!worker) return [];
  const { device, parts, imagesPerSecond, millisecondsPerPart } = worker;
  return [
    `${count(parts)} ${parts === 1 ? "part" : "parts"}`,
    ...(imagesPerSecond === undefined ? [] : [`${count(imagesPerSecond)} images/s`]),
    ...(millisecondsPerPart === undefined ? [] : [`${millisecondsPerPart.toFixed(1)} ms a part`]),
    device,
  ];
}

/** `slow: 4.1 times the others` */
function straggling({ name, millisecondsPerPart }: WorkerStatus, all: readonly WorkerStatus[]): string | undefined {
  const others = all.flatMap((one) => (one.name === name ? [] : (one.millisecondsPerPart ?? []))).sort((a, b) => a - b);
  const middle = others[Math.floor(others.length / 2)];
  if (millisecondsPerPart === undefined || middle === undefined || millisecondsPerPart < SLOW * middle)
    return undefined;
  return `straggler: ${(millisecondsPerPart / middle).toFixed(1)} times as long as the others`;
}
