/**
 * The report of a run: one HTML file without scripts, fonts or pictures from elsewhere. It works without a network, in
 * light and dark, on a phone and on paper.
 */
import type { ReportData } from "./data.js";
import { details } from "./details.js";
import { datasetTitle } from "./format.js";
import { html, verbatim } from "./html.js";
import * as sections from "./sections.js";
import { STYLE } from "./style.js";

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
${sections.comparison(data)}
${sections.reconstructions(data)}
${sections.curves(data)}
${sections.codes(data)}
${sections.filters(data)}
${sections.failures(data)}
${sections.events(data)}
${details(data)}
</main>
<footer>Written by Dawnpour ${data.version}, ${data.date}.</footer>
</body>
</html>
`;
  return page.text;
}
