/** The run's errors beside those of PCA and of publications: a table with a bar in each row. */
import type { ReconstructionError } from "../analysis/reconstruction-error.js";
import type { ReportData } from "./data.js";
import { type Html, html } from "./html.js";
import { figure, words } from "./number-text.js";
import { publishedResults } from "./published.js";
import { scroll } from "./scroll.js";

interface Row {
  readonly kind: "run" | "pca" | "published";
  readonly method: string;
  readonly source?: string;
  readonly train?: ReconstructionError;
  readonly test: Pick<ReconstructionError, "sse"> & Partial<ReconstructionError>;
}

export function drawComparison(data: ReportData): Html {
  const rows = comparisonRows(data);
  const longest = Math.max(...rows.map(({ test }) => test.sse));
  const table = html`<table class="comparison">
<thead><tr><th scope="col">Method</th><th scope="col" class="wide"><span class="hidden">Test SSE as a bar</span></th><th scope="col" class="number">Test SSE</th><th scope="col" class="number">Test MSE</th><th scope="col" class="number">Train SSE</th></tr></thead>
<tbody>${rows.map(
    ({ kind, method, source, train, test }) => html`
<tr class="${kind}"><th scope="row">${method}${source && html`<small>${source}</small>`}</th>
<td class="wide"><div class="bar" style="width:${((100 * test.sse) / longest || 0).toFixed(1)}%"></div></td>
<td class="number strong">${figure(test.sse)}</td><td class="number">${optional(test.mse)}</td><td class="number">${optional(train?.sse)}</td></tr>`,
  )}
</tbody></table>`;
  return scroll("Errors as a table", table);
}

const optional = (value: number | undefined): string => (value === undefined ? "\u2013" : figure(value));

/** Best first. */
function comparisonRows({ network, errors, dataset, codeSize }: ReportData): Row[] {
  const rows: Row[] = [{ kind: "run", method: "This run", source: network, train: errors.train, test: errors.test }];
  if (errors.pca) {
    const { components, train, test } = errors.pca;
    rows.push({
      kind: "pca",
      method: `PCA, ${components} components`,
      source: `fitted to the training ${words(dataset.pictures).rows}`,
      train,
      test,
    });
  }
  for (const { method, source, sse } of publishedResults(dataset.name, codeSize)) {
    rows.push({ kind: "published", method, source, test: { sse } });
  }
  return rows.sort((a, b) => a.test.sse - b.test.sse);
}
