/**
 * Whether axe finds anything in reports: `npm run accessibility`, or `npm run accessibility -- runs/a/report.html` for those
 * of real runs. Each is looked at in a headless Chromium, as wide as a desk's, a tablet's and a phone's screen, in light and
 * dark. Ends with 1, and says what was found and where, if there was anything. The Chromium is the one that `CHROMIUM`
 * names, else `chromium` on the path, else on Linux x64 that of a development dependency.
 */
import { readFile } from "node:fs/promises";
import { createViteServer } from "vitest/node";
import { findChromium } from "../support/chromium.mjs";
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

/** Those of the files named, or made-up ones with every part and with none that may be left out. */
async function reports(paths) {
  if (paths.length > 0) return Promise.all(paths.map(async (path) => [path, await readFile(path, "utf8")]));
  const server = await createViteServer({
    configFile: false,
    logLevel: "error",
    server: { middlewareMode: true, ws: false, watch: null },
  });
  const { fullReport, bareReport } = await server.ssrLoadModule("/test/report/report-data.ts");
  const { renderReport } = await server.ssrLoadModule("/src/report/report.ts");
  const pages = { full: fullReport(), bare: bareReport() };
  await server.close();
  return Object.entries(pages).map(([name, data]) => [name, renderReport(data)]);
}
