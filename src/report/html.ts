/**
 * HTML by template: html`<p>${text}</p>`. Whatever is put in is escaped, for text and for quoted attributes alike,
 * unless it is itself HTML made here. So no name of a data set can become markup.
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

/** Text of ours that is taken as it stands: a style sheet. */
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
