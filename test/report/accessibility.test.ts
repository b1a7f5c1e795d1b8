/**
 * axe finds nothing in a report with every part, on a desk in the dark and on a phone; `npm run accessibility` looks at more of them, at
 * more widths. Skipped where there is no Chromium.
 */
import { describe, expect, it } from "vitest";
import { renderReport } from "../../src/report/report.js";
import { findChromium } from "../support/chromium.mjs";
import { look } from "./axe.mjs";
import { fullReport } from "./report-data.js";

const browser = await findChromium();
if (browser === undefined) console.warn("axe: skipped: no chromium on the path, and CHROMIUM names none");

describe.skipIf(browser === undefined)("axe finds nothing in a report", () => {
  const page = renderReport(fullReport());

  it.each([
    [1200, "dark"],
    [390, "light"],
  ] as const)("%i pixels wide, %s", async (width, theme) => {
    expect(await look(browser as string, page, width, theme)).toEqual([]);
  });

  it("and something in a page that is not as it should be", async () => {
    const bad = page.replace("</body>", '<img src="data:,"><button></button></body>');
    const found = await look(browser as string, bad, 1200, "light");
    expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(["image-alt", "button-name"]));
  });
});
