/**
 * The report of a run: one HTML file without scripts, fonts or pictures from elsewhere. It works without a network, in
 * light and dark, on a phone and on paper.
 */

import { messageOf } from "../error.js";
import type { ReportData } from "./data.js";
import { details } from "./details.js";
import { type Html, html, verbatim } from "./html.js";
import { datasetTitle } from "./number-text.js";
import * as sections from "./sections.js";
import { STYLE } from "./style.js";

type Section = (data: ReportData) => Html | undefined;

/** From top to bottom. */
const SECTIONS: readonly Section[] = [
  ...[sections.comparison, sections.reconstructions, sections.curves, sections.codes],
  ...[sections.filters, sections.failures, sections.events],
];

/** A section that cannot be drawn is left out. The rest of the report stays. */
function drawn(section: Section, data: ReportData): Html | undefined {
  try {
    return section(data);
  } catch (error) {
    return html`<p class="notice" role="note"><strong>Note.</strong> The section "${section.name}" could not be drawn: ${messageOf(error)}</p>`;
  }
}

export function renderReport(data: ReportData): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Dawnpour: autoencoder of ${datasetTitle(data.dataset.name)}</title>
<style>${verbatim(STYLE)}</style>
</head>
<body>
<main>
${sections.header(data)}
${SECTIONS.map((section) => drawn(section, data))}
${details(data)}
</main>
<footer>Written by Dawnpour ${data.version}, ${data.date}.</footer>
</body>
</html>
`;
  return page.text;
}
