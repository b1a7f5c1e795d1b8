/** Runs axe on reports, in a headless Chromium. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromiumEnvironment } from "../support/chromium.mjs";

export const THEMES = { light: 1, dark: 0 };
/** Milliseconds of the page's clock, and of ours. */
const [BUDGET, TIMEOUT] = [30_000, 120_000];
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"];
const RUN = `axe.run().then(({ violations, passes }) => {
  document.body.innerHTML = "";
  document.body.dataset.axe = encodeURIComponent(JSON.stringify({ violations, passes: passes.length }));
})`;

/** The problems that axe finds in a page that is `width` pixels wide. */
export async function look(browser, page, width, theme) {
  const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  const folder = await mkdtemp(join(tmpdir(), "dawnpour-axe-"));
  try {
    const path = join(folder, "page.html");
    const scripts = `<script>${axe}</script><script>${RUN}</script></body>`;
    await writeFile(
      path,
      page.replace("</body>", () => scripts),
    );
    const flags = [
      ...FLAGS,
      `--window-size=${width},1000`,
      `--virtual-time-budget=${BUDGET}`,
      `--blink-settings=preferredColorScheme=${THEMES[theme]}`,
    ];
    const options = { maxBuffer: 2 ** 28, timeout: TIMEOUT, env: chromiumEnvironment(browser) };
    const { stdout } = await promisify(execFile)(browser, [...flags, pathToFileURL(path).href], options);
    const [, result] = /data-axe="([^"]*)"/.exec(stdout) ?? [];
    if (result === undefined) throw new Error(`axe did not come to an end at ${width} px, ${theme}`);
    const { violations, passes } = JSON.parse(decodeURIComponent(result));
    if (passes < 10)
      throw new Error(`axe has passed only ${passes} rules at ${width} px, ${theme}: it cannot have seen the page`);
    return violations;
  } finally {
    await rm(folder, { recursive: true });
  }
}
