/** The frame of every page: one HTML file without scripts, fonts or pictures from elsewhere. */
import { type Html, html, verbatim } from "./html.js";
import { STYLE } from "./style.js";

/** What a page shows. */
interface Page {
  /** In the title of the window, after the name of this program. */
  readonly title: string;
  readonly body: readonly (Html | undefined)[];
  /** Style class of the body, for a page with long labels beside its charts. */
  readonly style?: "compared";
  readonly version: string;
  /** For the last line: `2026-01-31 23:59`. */
  readonly date: string;
}

export function renderPage({ title, body, style, version, date }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Dawnpour: ${title}</title>
<style>${verbatim(STYLE)}</style>
</head>
<body>
<main${style && html` class="${style}"`}>
${body}
</main>
<footer>Written by Dawnpour ${version}, ${date}.</footer>
</body>
</html>
`.text;
}

/** The head of a page: what it is about, and a line below. */
export const pageHeader = (title: string, lead: string): Html =>
  html`<header><p class="brand">Dawnpour</p><h1>${title}</h1><p class="lead">${lead}</p></header>`;
