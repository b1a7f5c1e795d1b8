/** A small parser of HTML, which can check that a report is well-formed. */

const VOID = new Set(["meta", "img", "input"]);
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z0-9-]+(?:="[^"<>]*")?)*)\s*(\/?)>/y;
const DECLARATION = "<!doctype html>";

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** All elements in order. Throws where a tag is malformed, left open or closed twice, or where `<`, `>` or `&` is bare. */
export function parse(document: string): Element[] {
  if (!document.startsWith(DECLARATION)) throw new Error("no doctype");
  const elements: Element[] = [];
  const open: string[] = [];
  let at = DECLARATION.length;
  while (at < document.length) {
    const next = document.indexOf("<", at);
    const text = document.slice(at, next < 0 ? undefined : next);
    if (open.at(-1) !== "style" && /[>]|&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`bare text: ${text}`);
    if (next < 0) break;
    TAG.lastIndex = next;
    const match = TAG.exec(document);
    if (!match) throw new Error(`malformed tag: ${document.slice(next, next + 60)}`);
    const [whole, closing, name, attributes, selfClosing] = match;
    if (closing) {
      const last = open.pop();
      if (last !== name) throw new Error(`</${name}> closes <${last}>`);
    } else {
      const pairs = [...attributes.matchAll(/([a-zA-Z0-9-]+)(?:="([^"]*)")?/g)].map(([, key, value = ""]) => [
        key,
        value,
      ]);
      elements.push({ name, attributes: Object.fromEntries(pairs) });
      if (!selfClosing && !VOID.has(name)) open.push(name);
    }
    at = next + whole.length;
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(", ")}`);
  return elements;
}
