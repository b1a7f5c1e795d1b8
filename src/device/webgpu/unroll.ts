/**
 * Unrolls the loops of a shader that are marked `@unroll`, in its text. An array can be in registers only where literals index it.
 * Compilers of WGSL do not unroll, and a driver may or may not. So the inner loops of a gemm are unrolled here. Without its mark
 * such a loop is valid WGSL:
 *
 *     @unroll for (var i = 0u; i < ROWS; i++) { sum[i] += a * b[i]; }
 *
 * ROWS is a number or one of the constants. Each turn of the loop becomes a block in which a literal replaces `i`.
 */
const MARK = "@unroll";
const HEADER = /^@unroll for \(var (\w+) = 0u; \1 < (\w+); \1\+\+\) \{/;

export function unroll(source: string, constants: Readonly<Record<string, number>>): string {
  let text = source;
  // The last marked loop comes first, because no other marked loop is inside it.
  for (let at = text.lastIndexOf(MARK); at >= 0; at = text.lastIndexOf(MARK)) {
    text = unrollAt(text, at, constants);
  }
  return text;
}

function unrollAt(text: string, at: number, constants: Readonly<Record<string, number>>): string {
  const header = HEADER.exec(text.slice(at));
  if (!header) throw new Error(`Invariant violation: a loop cannot be unrolled: ${text.slice(at, at + 80)}`);
  const [{ length }, name, limit] = header;
  const turns = constants[limit] ?? Number(limit);
  const end = closingBrace(text, at + length);
  const body = text.slice(at + length, end);
  const variable = new RegExp(`\\b${name}\\b`, "g");
  const blocks = Array.from({ length: turns }, (_, turn) => `{${body.replace(variable, `${turn}u`)}}`);
  return text.slice(0, at) + blocks.join("\n") + text.slice(end + 1);
}

/** Index of the brace that closes the block whose content starts at `start`. */
function closingBrace(text: string, start: number): number {
  let depth = 1;
  let at = start;
  for (; depth > 0; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}") depth--;
  }
  return at - 1;
}
