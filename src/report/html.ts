/**
 * HTML by template: html`<p>${text}</p>`. Inserted text is escaped, for content and for quoted attributes alike, unless
 * it is an `Html`. So the name of a data set cannot become markup.
 */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Html | string | number | undefined | readonly Content[];

export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(strings.reduce((text, next, i) => text + write(contents[i - 1]) + next));
}

/** Trusted text that is not escaped: a style sheet. */
export const verbatim = (text: string): Html => new Html(text);

function write(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Html) return content.text;
  if (typeof content === "object") return content.map(write).join("");
  return String(content).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
