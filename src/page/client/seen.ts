/** Test images above their reconstructions, and their codes as points that move from one state of the model to the next. */
import { CLASS_COLOURS } from "../../report/charts/scatter.js";
import { html } from "../../report/html.js";
import { count } from "../../report/number-text.js";
import { scroll } from "../../report/scroll.js";
import { section } from "../../report/section.js";
import type { Pictures } from "../what-there-is.js";
import { addSection, colour, fill, onTheme, part, say } from "./dom.js";

/** Milliseconds in which the points move to their new places. */
const MOVE = 700;
const [WIDTH, HEIGHT, MARGIN] = [640, 480, 20];
/** Half the size of a point. */
const ARM = 3;

export class Seen {
  #node: HTMLElement | undefined;
  #pictures: Pictures | undefined;
  /** Where the points are now. */
  #plane: readonly number[] = [];

  constructor() {
    onTheme(() => this.#paint(this.#plane));
  }

  draw(pictures: Pictures | undefined): void {
    if (!pictures || pictures === this.#pictures) return;
    this.#pictures = pictures;
    this.#node ??= this.#sections(pictures);
    const { step, originals, reconstructions } = pictures;
    for (const [name, uri] of Object.entries({ originals, reconstructions })) {
      if (uri) part<HTMLImageElement>(this.#node, name).src = uri;
    }
    for (const remark of this.#node.querySelectorAll("[data-part=step]")) say(remark, `After ${count(step)} steps.`);
    this.#fillTable();
    this.#move(pictures.plane);
  }

  #sections({ originals, count: images }: Pictures): HTMLElement {
    const strip = (name: string, alt: string) =>
      html`<div class="strip"><span>${alt}</span><img class="pixels" data-part="${name}" alt="${alt}: ${images} test images in a row"></div>`;
    const strips = html`<div class="strips">${strip("originals", "Originals")}${strip("reconstructions", "Reconstructions")}</div>`;
    const remark = html`<span data-part="step"></span>`;
    const plane = html`<div class="scatter live"><div class="plane" data-part="plane" role="img" aria-label="Codes of test rows as points of a plane"><canvas width="${WIDTH}" height="${HEIGHT}"></canvas></div></div>
<details><summary>As a table</summary><div data-part="centres"></div></details>`;
    return addSection(
      html`${originals ? section("strips", "Originals and reconstructions", remark, strips) : undefined}${section("codes", "Codes", remark, plane)}`,
    );
  }

  #move(plane: readonly number[]): void {
    const from = this.#plane;
    const isStill = from.length !== plane.length || matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (isStill) {
      this.#paint(plane);
      return;
    }
    const began = performance.now();
    const frame = (now: number): void => {
      const share = Math.min(1, (now - began) / MOVE);
      const eased = share * share * (3 - 2 * share);
      this.#paint(plane.map((value, i) => from[i] + eased * (value - from[i])));
      if (share < 1 && this.#pictures?.plane === plane) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  #paint(plane: readonly number[]): void {
    this.#plane = plane;
    const canvas = this.#node?.querySelector("canvas");
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    context.clearRect(0, 0, WIDTH, HEIGHT);
    const colours = Array.from({ length: CLASS_COLOURS }, (_, i) => colour(`--c${i}`));
    const classes = this.#classes();
    for (let i = 0; 2 * i < plane.length; i++) {
      const [x, y] = place(plane[2 * i], plane[2 * i + 1]);
      const rank = classes.indexOf(this.#pictures?.labels?.[i] ?? 0);
      context.strokeStyle = context.fillStyle = colours[Math.max(0, rank) % CLASS_COLOURS];
      if (Math.floor(rank / CLASS_COLOURS) % 2 === 0)
        context.fillRect(x - ARM + 1, y - ARM + 1, 2 * ARM - 2, 2 * ARM - 2);
      else cross(context, x, y);
    }
    this.#drawNames(plane, classes);
  }

  #classes(): number[] {
    return [...new Set(this.#pictures?.labels ?? [0])].sort((a, b) => a - b);
  }

  /** The number of a class in the middle of its points: so colour is not its only mark. */
  #drawNames(plane: readonly number[], classes: readonly number[]): void {
    if (!this.#pictures?.labels || !this.#node) return;
    const host = part(this.#node, "plane");
    const names = [...host.querySelectorAll("span")];
    for (const [rank, label] of classes.entries()) {
      const name = names[rank] ?? host.appendChild(document.createElement("span"));
      const [x, y] = this.#centre(plane, label);
      const [left, top] = place(x, y);
      say(name, String(label));
      name.className = `c${rank % CLASS_COLOURS}`;
      name.style.left = `${(100 * left) / WIDTH}%`;
      name.style.top = `${(100 * top) / HEIGHT}%`;
    }
  }

  #centre(plane: readonly number[], label: number): [number, number, number] {
    const own = (this.#pictures?.labels ?? []).flatMap((one, i) => (one === label ? [i] : []));
    const mean = (axis: number): number => own.reduce((sum, i) => sum + plane[2 * i + axis], 0) / own.length;
    return [mean(0), mean(1), own.length];
  }

  #fillTable(): void {
    const { labels, plane, step } = this.#pictures as Pictures;
    if (!this.#node) return;
    const rows = labels ? this.#classes().map((label) => [label, ...this.#centre(plane, label)] as const) : [];
    const table = html`<table><caption class="hidden">Centres of the classes after ${count(step)} steps</caption><thead><tr><th scope="col">Class</th><th scope="col" class="number">Codes</th><th scope="col" class="number">x of the centre</th><th scope="col" class="number">y of the centre</th></tr></thead>
<tbody>${rows.map(([label, x, y, codes]) => html`<tr><th scope="row">${label}</th><td class="number">${codes}</td><td class="number">${x.toFixed(2)}</td><td class="number">${y.toFixed(2)}</td></tr>`)}</tbody></table>`;
    const none = html`<p class="remark">${plane.length / 2} codes without classes.</p>`;
    fill(part(this.#node, "centres"), labels ? scroll("Codes as a table", table) : none);
  }
}

/** Pixels of a point of the plane. */
function place(x: number, y: number): [number, number] {
  const half = HEIGHT / 2 - MARGIN;
  return [WIDTH / 2 + x * (WIDTH / 2 - MARGIN), HEIGHT / 2 - y * half];
}

function cross(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.moveTo(x - ARM, y - ARM);
  context.lineTo(x + ARM, y + ARM);
  context.moveTo(x + ARM, y - ARM);
  context.lineTo(x - ARM, y + ARM);
  context.stroke();
}
