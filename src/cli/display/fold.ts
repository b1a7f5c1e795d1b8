/** Folds lines for a terminal between words: a terminal itself breaks them anywhere. */

/** Columns of a terminal that does not report its size. */
export const COLUMNS = 80;
/** Before the second and further lines. */
const INDENT = "  ";
/** `data    `: the head of a list entry. Folded text goes below the entry's text. */
const HEAD = /^(?: *\S+ {2,}| {3,})(?=\S)/;
/** Fraction of the columns that a head takes at most. */
const HEAD_SHARE = 1 / 3;
/** Where a line may be broken: not between a number and its unit. */
const SPACE = / (?!s\b)/;
/** Names with spaces, commands and code stay in one piece, so that they can be copied. */
const PIECE = /`[^`]*`|-c '[^']*'|"[^"]*"/g;
const KEPT = "\0";

/** Lines of at most `columns` characters, broken between words; a longer word stays whole. */
export function fold(text: string, columns: number): string[] {
  if (text.length <= columns) return [text];
  const head = HEAD.exec(text)?.[0].length ?? 0;
  const indent = head > 0 && head <= columns * HEAD_SHARE ? " ".repeat(head) : INDENT;
  const [, before, words] = /^( *)(.*)$/s.exec(text) as RegExpExecArray;
  const lines: string[] = [];
  let line = "";
  for (const word of words.replace(PIECE, (piece) => piece.replaceAll(" ", KEPT)).split(SPACE)) {
    const longer = line === "" ? before + word : `${line} ${word}`;
    if (longer.length <= columns || line.trim() === "") {
      line = longer;
    } else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line].map((one) => one.replaceAll(KEPT, " ").trimEnd());
}

/**
 * Writes a line, folded if `stream` is a terminal. @param whole end of the line, which stays in one piece: a command
 */
export function writeLine(stream: NodeJS.WriteStream, text: string, whole = ""): void {
  const line = whole === "" ? text : `${text} ${whole}`;
  const columns = stream.columns || COLUMNS;
  if (!stream.isTTY || line.length <= columns) stream.write(`${line}\n`);
  else stream.write([...fold(text, columns), ...(whole === "" ? [] : [whole])].map((one) => `${one}\n`).join(""));
}
