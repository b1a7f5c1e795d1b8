/**
 * Whether axe finds anything in reports: `npm run accessibility`, or `npm run accessibility -- runs/a/report.html` for those
 * of real runs. Each is looked at in a headless Chromium, as wide as a desk's, a tablet's and a phone's screen, in light and
 * dark. Ends with 1, and says what was found and where, if there was anything. Needs a Chromium: the one that `CHROMIUM`
 * names, else `chromium` on the path (Debian's package chromium).
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { createViteServer } from "vitest/node";

const WIDTHS = [1200, 768, 390];
const THEMES = { light: 1, dark: 0 };
/** Milliseconds of the page's clock, and of ours. */
const [BUDGET, TIMEOUT] = [30_000, 120_000];
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"];

const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const browser = process.env.CHROMIUM ?? "chromium";
const folder = await mkdtemp(join(tmpdir(), "dawnpour-axe-"));
let found = 0;
try {
  for (const [name, page] of await reports(process.argv.slice(2))) {
    for (const width of WIDTHS) {
      for (const theme of Object.keys(THEMES)) {
        const violations = await look(page, width, theme);
        found += violations.length;
        console.log(`${name}, ${width} px, ${theme}: ${violations.length === 0 ? "nothing" : ""}`);
        for (const { id, help, nodes } of violations) {
          console.log(`  ${id}: ${help}`);
          for (const { target } of nodes.slice(0, 5)) console.log(`    ${target.join(" ")}`);
        }
      }
    }
  }
} finally {
  await rm(folder, { recursive: true });
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

/** What axe finds in a page. */
async function look(page, width, theme) {
  const path = join(folder, "page.html");
  const run = `axe.run().then(({ violations, passes }) => {
    document.body.innerHTML = "";
    document.body.dataset.axe = encodeURIComponent(JSON.stringify({ violations, passes: passes.length }));
  })`;
  await writeFile(
    path,
    page.replace("</body>", () => `<script>${axe}</script><script>${run}</script></body>`),
  );
  const flags = [
    ...FLAGS,
    `--window-size=${width},1000`,
    `--virtual-time-budget=${BUDGET}`,
    `--blink-settings=preferredColorScheme=${THEMES[theme]}`,
  ];
  const options = { maxBuffer: 2 ** 28, timeout: TIMEOUT };
  const { stdout } = await promisify(execFile)(browser, [...flags, pathToFileURL(path).href], options);
  const [, result] = /data-axe="([^"]*)"/.exec(stdout) ?? [];
  if (result === undefined) throw new Error(`axe did not come to an end at ${width} px, ${theme}`);
  const { violations, passes } = JSON.parse(decodeURIComponent(result));
  if (passes < 10)
    throw new Error(`axe has passed only ${passes} rules at ${width} px, ${theme}: it cannot have seen the page`);
  return violations;
}
