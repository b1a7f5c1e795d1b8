/** Lines for a terminal, folded between words: left to itself it breaks them anywhere. */

/** Columns of a terminal that does not say how many it has. */
export const COLUMNS = 80;
/** Before the second and further lines. */
const INDENT = "  ";
/** `data    `: what a line begins with where it is an entry of a list. What is folded stands below the entry's text. */
const HEAD = /^(?: *\S+ {2,}| {3,})(?=\S)/;
/** Of the columns, what a head takes at most. */
const HEAD_SHARE = 1 / 3;
/** Where a line may be broken: not between a number and its unit. */
const SPACE = / (?!s\b)/;
/** What people copy stays in one piece: names with spaces, commands, code. */
const PIECE = /`[^`]*`|-c '[^']*'|"[^"]*"/g;
const KEPT = "\0";

/** Lines of at most `columns` characters, broken between words; a word that is longer stays whole. */
export function fold(text: string, columns: number): string[] {
  if (text.length <= columns) return [text];
  const head = HEAD.exec(text)?.[0].length ?? 0;
  const indent = head > 0 && head <= columns * HEAD_SHARE ? " ".repeat(head) : INDENT;
  const lines: string[] = [];
  let line = "";
  for (const word of text.replace(PIECE, (piece) => piece.replaceAll(" ", KEPT)).split(SPACE)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= columns || line.trim() === "") {
      line = longer;
    } else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line].map((one) => one.replaceAll(KEPT, " ").trimEnd());
}

/** Writes a line, folded where `stream` is a terminal. @param whole its end, which stays in one piece: a command */
export function writeLine(stream: NodeJS.WriteStream, text: string, whole = ""): void {
  const line = whole === "" ? text : `${text} ${whole}`;
  const columns = stream.columns || COLUMNS;
  if (!stream.isTTY || line.length <= columns) stream.write(`${line}\n`);
  else stream.write([...fold(text, columns), ...(whole === "" ? [] : [whole])].map((one) => `${one}\n`).join(""));
}
