/** A chart of long series: drawn by uPlot from as many points as it has pixels, moved by mouse and by keyboard, with a table behind it. */
import UPlot from "uplot";
import { html } from "../../report/html.js";
import { scroll } from "../../report/scroll.js";
import type { ChartColumns } from "../long-table.js";
import { addSection, colour, fill, onTheme, part, say } from "./dom.js";
import { logTicks, short } from "./ticks.js";

export interface Curve {
  readonly label: string;
  /** Name of its colour in the style sheet. */
  readonly colour: string;
  /** Lengths of line and gap: a curve is told from another by its dashes, too. */
  readonly dash: readonly number[];
}

interface ChartOptions {
  readonly id: string;
  readonly title: string;
  readonly curves: readonly Curve[];
  /** Whether its heights are on a logarithmic scale. */
  readonly isLog?: boolean;
  format(value: number): string;
}

/** What a chart draws now. */
export interface Drawn {
  readonly xLabel: string;
  /** The ends of the horizontal axis, if all is shown. */
  readonly range: readonly [number, number];
  /** For each curve, or group of curves over one horizontal column. @param most points that a pixel column can show */
  columns(range: readonly [number, number], most: number): readonly ChartColumns[];
}

const HEIGHT = 240;
/** Rows of the table behind a chart. */
const ROWS = 12;
/** How far a key or a button moves, as a share of what is shown, and how much nearer it comes. */
const [STEP, NEARER] = [0.25, 0.5];

/** Room above and below a curve on a logarithmic scale. */
const MARGIN = 1.1;

const MOVES = {
  earlier: ["◀", "Earlier"],
  later: ["▶", "Later"],
  nearer: ["+", "Nearer"],
  farther: ["−", "Farther"],
  all: ["All", "Show all"],
} as const;
type Move = keyof typeof MOVES;
const KEYS: Readonly<Record<string, Move>> = {
  ...{ ArrowLeft: "earlier", ArrowRight: "later", "+": "nearer", "=": "nearer", "-": "farther" },
  ...{ Home: "all", Escape: "all" },
};

export class Chart {
  readonly node: HTMLElement;
  readonly #options: ChartOptions;
  readonly #host: HTMLElement;
  #plot: UPlot | undefined;
  #drawn: Drawn | undefined;
  /** The part that is shown; undefined: all, also of what comes. */
  #window: readonly [number, number] | undefined;

  /** @param parent what it is added to */
  constructor(options: ChartOptions, parent: Element) {
    const { id, title, curves } = options;
    this.#options = options;
    const moves = Object.entries(MOVES).map(
      ([move, [sign, name]]) => html`<button type="button" data-move="${move}" aria-label="${name}">${sign}</button>`,
    );
    this.node = addSection(
      html`<figure class="live" aria-labelledby="${id}">
<div class="above"><figcaption id="${id}">${title}</figcaption><div class="moves" role="group" aria-label="Part of ${title}">${moves}</div></div>
<div class="plotted" data-part="host" role="group" tabindex="0" aria-label="${title}: arrow keys move, plus and minus zoom, Home shows all"></div>
<ul class="key" data-part="key">${curves.map((curve) => html`<li>${sample(curve)}${curve.label} <b></b></li>`)}</ul>
<details data-part="table"><summary>As a table</summary><div></div></details>
</figure>`,
      parent,
    );
    this.#host = part(this.node, "host");
    this.node.addEventListener("click", ({ target }) => {
      const move = (target as Element).closest<HTMLElement>("[data-move]")?.dataset.move;
      if (move) this.#move(move as Move);
    });
    this.#host.addEventListener("keydown", (event) => {
      const move = KEYS[event.key];
      if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#move(move);
    });
    this.#host.addEventListener("dblclick", () => this.#move("all"));
    part(this.node, "table").addEventListener("toggle", () => this.#fillTable());
    onTheme(() => this.#renew());
    new ResizeObserver(() => this.#fit()).observe(this.#host);
  }

  set title(title: string) {
    say(this.node.querySelector("figcaption") as Element, title);
  }

  draw(drawn: Drawn): void {
    const isOther = this.#drawn !== undefined && this.#drawn.xLabel !== drawn.xLabel;
    this.#drawn = drawn;
    if (isOther) this.#window = undefined;
    if (isOther) this.#renew();
    else this.#show();
  }

  #show(): void {
    if (!this.#drawn || this.#host.clientWidth === 0) return;
    const { range, columns } = this.#drawn;
    const window = this.#window ?? range;
    const data = joined(columns(window, this.#host.clientWidth));
    this.#plot ??= new UPlot(this.#look(this.#drawn), data, this.#host);
    const plot = this.#plot;
    plot.batch(() => {
      plot.setData(data, false);
      plot.setScale("x", { min: window[0], max: Math.max(window[1], window[0] + 1e-9) });
    });
    this.#tellValues(null);
    this.#fillTable();
  }

  #look({ xLabel }: Drawn): UPlot.Options {
    const { curves, isLog = false, format } = this.#options;
    const [ink, line] = [colour("--muted"), colour("--line")];
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const values = (_: UPlot, ticks: (number | null)[]) => ticks.map((tick) => (tick === null ? null : short(tick)));
    return {
      width: this.#host.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      scales: {
        x: { time: false },
        y: isLog ? { distr: 3, range: (_, low, high) => [low / MARGIN, high * MARGIN] } : {},
      },
      axes: [
        { ...axis, values, label: xLabel, labelSize: 22, labelGap: 0, size: 34 },
        {
          ...axis,
          values,
          size: 56,
          ...(isLog && { splits: (_, __, low, high) => logTicks(low, high), filter: (_, all) => all }),
        },
      ],
      series: [
        {},
        ...curves.map(({ colour: name, dash, label }) => ({
          ...{ label, stroke: colour(name), width: 2, dash: [...dash], spanGaps: true },
          value: (_: UPlot, value: number | null) => (value === null ? "" : format(value)),
        })),
      ],
      cursor: { drag: { x: true, y: false, setScale: false }, bind: { dblclick: () => null } },
      hooks: {
        setCursor: [({ cursor }) => this.#tellValues(cursor.idx ?? null)],
        setSelect: [(plot) => this.#select(plot)],
      },
    };
  }

  #select(plot: UPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    this.#window = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#show();
  }

  #move(move: Move): void {
    if (!this.#drawn) return;
    const [first, last] = this.#drawn.range;
    const [from, to] = this.#window ?? [first, last];
    const size = to - from;
    const shift = move === "earlier" ? -STEP * size : move === "later" ? STEP * size : 0;
    const grow = move === "nearer" ? -NEARER * size : move === "farther" ? NEARER * 2 * size : 0;
    const inside = (at: number): number => Math.min(last, Math.max(first, at));
    const next = [inside(from + shift - grow / 2), inside(to + shift + grow / 2)] as const;
    const isAll = move === "all" || (next[0] <= first && next[1] >= last);
    this.#window = isAll ? undefined : move === "earlier" || move === "later" ? kept(next, size, [first, last]) : next;
    this.#show();
  }

  /** The values under the cursor, or the last ones. */
  #tellValues(index: number | null): void {
    const data: readonly ArrayLike<number | null | undefined>[] = this.#plot?.data ?? [];
    for (const [i, item] of [...part(this.node, "key").children].entries()) {
      const column = Array.from(data[i + 1] ?? []);
      const value = index === null ? column.findLast((one) => one !== null && one !== undefined) : column[index];
      say(item.querySelector("b") as Element, value === null || value === undefined ? "" : this.#options.format(value));
    }
  }

  #fillTable(): void {
    const details = part<HTMLDetailsElement>(this.node, "table");
    if (!details.open || !this.#drawn || !this.#plot) return;
    const { curves, title, format } = this.#options;
    const [xs, ...ys] = this.#plot.data;
    const rows = Array.from({ length: Math.min(ROWS, xs.length) }, (_, i) =>
      Math.round((i * (xs.length - 1)) / Math.max(1, Math.min(ROWS, xs.length) - 1)),
    );
    const cell = (value: number | null | undefined): string =>
      value === null || value === undefined ? "–" : format(value);
    fill(
      details.lastElementChild as Element,
      scroll(
        `${title} as a table`,
        html`<table><thead><tr><th scope="col">${this.#drawn.xLabel}</th>${curves.map(({ label }) => html`<th scope="col" class="number">${label}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row">${short(xs[row])}</th>${ys.map((column) => html`<td class="number">${cell(column[row])}</td>`)}</tr>`)}</tbody></table>`,
      ),
    );
  }

  #fit(): void {
    if (this.#plot) this.#plot.setSize({ width: this.#host.clientWidth, height: HEIGHT });
    this.#show();
  }

  #renew(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#show();
  }
}

/** A stretch of the same length that lies within the ends. */
function kept(
  [from, to]: readonly [number, number],
  size: number,
  [first, last]: readonly [number, number],
): [number, number] {
  return from <= first ? [first, first + size] : [to >= last ? last - size : from, to];
}

function joined(tables: readonly ChartColumns[]): UPlot.AlignedData {
  const all = tables.map(({ xs, ys }): UPlot.AlignedData => [xs, ...ys]);
  return all.length === 1 ? all[0] : UPlot.join(all);
}

const sample = ({ colour: name, dash }: Curve) =>
  html`<svg class="sample" viewBox="0 0 28 8" aria-hidden="true"><path class="${name.slice(2)}" d="M0 4h28" stroke-dasharray="${dash.join(" ")}"/></svg>`;
