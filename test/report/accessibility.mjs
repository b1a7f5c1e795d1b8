/**
 * Checks reports with axe: `npm run accessibility`, or `npm run accessibility -- runs/a/report.html` for that of a real run.
 * A headless Chromium shows each report as wide as on a desk, a tablet and a phone, in light and in dark colours. If axe finds a
 * problem, this prints it with its place, and the exit code is 1. The Chromium is the one that `CHROMIUM` names, or `chromium` on
 * the path, or on Linux x64 that of a development dependency.
 */
import { readFile } from "node:fs/promises";
import { findChromium } from "../support/chromium.mjs";
import { openSources } from "../support/source-server.mjs";
import { look, THEMES } from "./axe.mjs";

const WIDTHS = [1200, 768, 390];

const browser = (await findChromium()) ?? "chromium";
let found = 0;
for (const [name, page] of await reports(process.argv.slice(2))) {
  for (const width of WIDTHS) {
    for (const theme of Object.keys(THEMES)) {
      const violations = await look(browser, page, width, theme);
      found += violations.length;
      console.log(`${name}, ${width} px, ${theme}: ${violations.length === 0 ? "nothing" : ""}`);
      for (const { id, help, nodes } of violations) {
        console.log(`  ${id}: ${help}`);
        for (const { target } of nodes.slice(0, 5)) console.log(`    ${target.join(" ")}`);
      }
    }
  }
}
process.exitCode = found > 0 ? 1 : 0;

/** The reports in the named files. By default two with made-up data: one with every part, one with only the required parts. */
async function reports(paths) {
  if (paths.length > 0) return Promise.all(paths.map(async (path) => [path, await readFile(path, "utf8")]));
  const server = await openSources();
  const { fullReport, bareReport } = await server.ssrLoadModule("/test/report/report-data.ts");
  const { renderReport } = await server.ssrLoadModule("/src/report/report.ts");
  const pages = { full: fullReport(), bare: bareReport() };
  await server.close();
  return Object.entries(pages).map(([name, data]) => [name, renderReport(data)]);
}
