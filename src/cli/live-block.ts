/**
 * A block of lines on a terminal that is drawn over itself, with what happens meanwhile above it. Elsewhere there is no
 * block, and what happens is written as it is.
 */

import { COLUMNS, fold } from "./fold.js";

/** Of a terminal that does not say how many it has. */
const ROWS = 24;
const [HIDE_CURSOR, SHOW_CURSOR] = ["\u001b[?25l", "\u001b[?25h"];
const [CLEAR_REST, CLEAR_BELOW] = ["\u001b[K", "\u001b[J"];
/** Moves to the beginning of the line `rows` rows above. */
const up = (rows: number): string => `\u001b[${rows}A\r`;

export class LiveBlock {
  readonly #stream: NodeJS.WriteStream;
  /** The lines that stand on the terminal now, the cursor below them. */
  #drawn: readonly string[] = [];

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  get isLive(): boolean {
    return this.#stream.isTTY;
  }

  get isDrawn(): boolean {
    return this.#drawn.length > 0;
  }

  /** Some terminals say 0: they do not know. */
  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.#stream;
    return { columns: columns || COLUMNS, rows: rows || ROWS };
  }

  /**
   * Line over line: a terminal that is cleared as a whole keeps what was there in its history, or flickers.
   * @param lines none wider than the terminal, and one fewer than it has rows: the cursor stands on the line below
   * @param above what is to stay above the block
   */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    if (!this.isLive) return;
    const { columns } = this.size;
    const start = this.#drawn.length > 0 ? up(height(this.#drawn, columns)) : HIDE_CURSOR;
    this.#drawn = lines;
    const block = [...above, ...lines].map((line) => over(line, columns)).join("");
    this.#stream.write(start + block + CLEAR_BELOW);
  }

  /** A text of its own, above the block if there is one; on a terminal it is folded between words. */
  line(text: string): void {
    const folded = this.isLive ? fold(text, this.size.columns) : [text];
    if (this.#drawn.length > 0) this.draw(this.#drawn, folded);
    else this.#stream.write(`${folded.join("\n")}\n`);
  }

  /** The block stays as it is, and what is written next stands below it. */
  close(): void {
    if (this.#drawn.length > 0) this.#stream.write(SHOW_CURSOR);
    this.#drawn = [];
  }
}

/** A line in the place of another. One that ends at the edge leaves nothing to clear but its own last character. */
function over(line: string, columns: number): string {
  const atEdge = line.length > 0 && line.length % columns === 0;
  return `${line}${atEdge ? "" : CLEAR_REST}\n`;
}

/** Rows that lines take up: a terminal that became narrower since has broken them. */
function height(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
}
