/**
 * The report of a run: one HTML file without scripts, fonts or pictures from elsewhere. It works without a network, in
 * light and dark, on a phone and on paper.
 */

import { messageOf } from "../error.js";
import type { ModelReportData, ReportData, RunData } from "./data.js";
import { details } from "./details.js";
import { type Html, html } from "./html.js";
import * as modelSections from "./model-sections.js";
import { datasetTitle } from "./number-text.js";
import { renderPage } from "./page.js";
import * as sections from "./sections.js";

type Section = (data: ReportData) => Html | undefined;
type ModelSection = (data: ModelReportData) => Html | undefined;

/** From top to bottom. */
const SECTIONS: readonly Section[] = [
  ...[sections.comparison, sections.reconstructions, sections.curves, sections.codes],
  ...[sections.filters, sections.rates, sections.failures, sections.events],
];

const MODEL_SECTIONS: readonly ModelSection[] = [
  ...[modelSections.figures, modelSections.confusion, modelSections.curves],
  ...[sections.rates, sections.failures, sections.events],
];

/** A section that cannot be drawn is left out. The rest of the report stays. */
function drawn(section: () => Html | undefined, name: string): Html | undefined {
  try {
    return section();
  } catch (error) {
    return html`<p class="notice" role="note"><strong>Note.</strong> The section "${name}" could not be drawn: ${messageOf(error)}</p>`;
  }
}

export function renderReport(data: ReportData): string {
  const title = `autoencoder of ${datasetTitle(data.dataset.name)}`;
  return page(data, title, [
    sections.header(data),
    ...SECTIONS.map((section) => drawn(() => section(data), section.name)),
  ]);
}

/** The report of a model that is no autoencoder. */
export function renderModelReport(data: ModelReportData): string {
  const title = `${modelSections.titleOf(data)} of ${datasetTitle(data.dataset.name)}`;
  return page(data, title, [
    modelSections.header(data),
    ...MODEL_SECTIONS.map((section) => drawn(() => section(data), section.name)),
  ]);
}

function page(data: RunData, title: string, body: readonly (Html | undefined)[]): string {
  const { version, date } = data;
  return renderPage({ title, body: [...body, details(data)], version, date });
}
