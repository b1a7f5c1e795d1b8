/** The page of `dawnpour train --page` and of `dawnpour view`: it follows the stream of changes, and draws what is there. */
import type { Extent, ShownRun } from "../what-there-is.js";
import { Comparison } from "./comparison.js";
import { RunCopy } from "./copy.js";
import { Curves } from "./curves.js";
import { Failures, notable } from "./failures.js";
import { Moment } from "./moment.js";
import { Nodes } from "./nodes.js";
import { Seen } from "./seen.js";
import { Summary } from "./summary.js";

/** The parts of the page that draw runs. */
interface Page {
  draw(isThere: boolean): void;
}

class RunPage implements Page {
  readonly #copy: RunCopy;
  readonly #summary: Summary;
  readonly #moment: Moment | undefined;
  readonly #curves: Curves;
  readonly #nodes: Nodes;
  readonly #failures: Failures;
  readonly #seen = new Seen();
  /** Only events after the page was opened are announced. */
  #told: number | undefined;
  #isThere = true;

  constructor(copy: RunCopy) {
    this.#copy = copy;
    const redraw = (): void => this.draw(this.#isThere);
    this.#summary = new Summary(copy);
    this.#moment = copy.run.isLive ? undefined : new Moment(redraw);
    this.#curves = new Curves(copy, redraw);
    this.#nodes = new Nodes(copy, (text) => this.#summary.announce(text));
    this.#failures = new Failures(copy);
  }

  draw(isThere: boolean): void {
    this.#isThere = isThere;
    if (this.#moment) this.#moment.seconds = this.#copy.seconds;
    const until = this.#moment?.until ?? Number.POSITIVE_INFINITY;
    this.#summary.draw(until, isThere);
    this.#curves.draw(until);
    this.#nodes.draw(until);
    this.#failures.draw(until);
    this.#seen.draw(this.#copy.pictures);
    this.#announce();
  }

  #announce(): void {
    const { log } = this.#copy;
    for (const [, text] of log.slice(this.#told ?? log.length).flatMap(notable)) this.#summary.announce(text);
    this.#told = log.length;
  }
}

let page: Page | undefined;
let copies: RunCopy[] = [];
/** The newest message of the server, if it is not drawn yet. */
let news: readonly Extent[] | undefined;
let isBusy = false;

async function begin(): Promise<void> {
  const runs = (await (await fetch("runs")).json()) as readonly ShownRun[];
  if (runs.length === 0) return;
  copies = runs.map((run, i) => new RunCopy(run, i));
  document.getElementById("page")?.replaceChildren();
  page = copies.length === 1 ? new RunPage(copies[0]) : new Comparison(copies);
}

/** Handles one message at a time. Of the messages that arrive meanwhile only the newest is kept. */
async function follow(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  while (news) {
    const extents = news;
    news = undefined;
    try {
      if (!page) await begin();
      for (const [i, copy] of copies.entries()) if (extents[i]) await copy.catchUp(extents[i]);
      page?.draw(true);
      if (copies.length > 0 && copies.every((copy) => copy.extent.isOver)) changes.close();
    } catch {
      // Once the server answers again, the stream is opened again, and the page asks for the rows that it lacks.
      page?.draw(false);
    }
  }
  isBusy = false;
}

const changes = new EventSource("changes");
changes.addEventListener("message", ({ data }) => {
  news = JSON.parse(data) as readonly Extent[];
  void follow();
});
changes.addEventListener("error", () => page?.draw(copies.some((copy) => copy.extent.isOver)));
