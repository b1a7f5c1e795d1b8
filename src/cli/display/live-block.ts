/**
 * A block of lines on a terminal that is redrawn in place; other lines go above it. Elsewhere there is no block, and
 * lines are written one after the other.
 */

import { COLUMNS, fold } from "./fold.js";

/** Rows of a terminal that does not report its size. */
const ROWS = 24;
const [HIDE_CURSOR, SHOW_CURSOR] = ["\u001b[?25l", "\u001b[?25h"];
const [CLEAR_REST, CLEAR_BELOW] = ["\u001b[K", "\u001b[J"];
/** Moves to the beginning of the line `rows` rows above. */
const up = (rows: number): string => `\u001b[${rows}A\r`;

export class LiveBlock {
  readonly #stream: NodeJS.WriteStream;
  /** The lines on the terminal; the cursor is below them. */
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

  /** Some terminals report 0: they do not know. */
  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.#stream;
    return { columns: columns || COLUMNS, rows: rows || ROWS };
  }

  /**
   * Redraws line by line: clearing the whole terminal would flicker, or fill its history.
   * @param lines none wider than the terminal, and one fewer than it has rows: the cursor is on the line below
   * @param above lines that stay above the block
   */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    if (!this.isLive) return;
    const { columns } = this.size;
    const start = this.#drawn.length > 0 ? up(height(this.#drawn, columns)) : HIDE_CURSOR;
    this.#drawn = lines;
    const block = [...above, ...lines].map((line) => over(line, columns)).join("");
    this.#stream.write(start + block + CLEAR_BELOW);
  }

  /** A line above the block, if there is one; on a terminal it is folded between words. */
  line(text: string): void {
    const folded = this.isLive ? fold(text, this.size.columns) : [text];
    if (this.#drawn.length > 0) this.draw(this.#drawn, folded);
    else this.#stream.write(`${folded.join("\n")}\n`);
  }

  /** The block stays as it is; later output goes below it. */
  close(): void {
    if (this.#drawn.length > 0) this.#stream.write(SHOW_CURSOR);
    this.#drawn = [];
  }
}

/** Replaces a line. A line that ends at the edge leaves nothing to clear but its own last character. */
function over(line: string, columns: number): string {
  const atEdge = line.length > 0 && line.length % columns === 0;
  return `${line}${atEdge ? "" : CLEAR_REST}\n`;
}

/** Rows that lines take: a terminal that became narrower has broken them. */
function height(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
}
