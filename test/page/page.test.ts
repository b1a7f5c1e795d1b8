/**
 * The page in a real Chromium, as a user sees it: it draws a run, its menu kills a worker, and the fault comes to the timeline; a
 * recorded run is replayed; axe finds nothing. Skipped where there is no Chromium.
 */
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { type Running, SMALL, Workplace } from "../cli/dawnpour.js";
import { findChromium, type Page, withPage } from "../support/chromium.mjs";

const browser = await findChromium();
if (browser === undefined) console.warn("the page of a run: skipped: there is no Chromium, and CHROMIUM names none");
const work = new Workplace();

/** Everything that the policy of the page stops, and every error. */
const WATCH = `window.problems = [];
  document.addEventListener("securitypolicyviolation", (event) => problems.push(event.violatedDirective));
  addEventListener("error", (event) => problems.push(event.message));
  addEventListener("unhandledrejection", (event) => problems.push(String(event.reason)));`;

/** Waits until an expression in the page is true. */
const until = (page: Page, expression: string): Promise<unknown> =>
  page.evaluate(
    `new Promise((done) => { const look = () => (${expression}) ? done() : setTimeout(look, 50); look(); })`,
  );

async function soundIn(page: Page): Promise<void> {
  await page.evaluate(await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8"));
  for (const [width, theme] of [
    [1200, "dark"],
    [768, "light"],
    [390, "light"],
  ] as const) {
    await page.show(width, theme);
    const found = "axe.run().then(({ violations }) => violations.map(({ id, help }) => [id, help].join(': ')))";
    expect(await page.evaluate(found)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  }
  expect(await page.evaluate("problems")).toEqual([]);
}

/** The address that a command prints. */
async function linkOf(running: Running): Promise<string> {
  for await (const chunk of running.process.stdout as AsyncIterable<Buffer>) {
    const [link] = /http:\S+/.exec(String(chunk)) ?? [];
    if (link) return link;
  }
  throw new Error(`no link: ${(await running.outcome).stderr}`);
}

it.skipIf(browser === undefined)("the page draws a run, and kills a worker", async () => {
  const how = ["--workers", "2", "--device", "cpu", "--threads", "1", "--parts", "2", "--epochs", "100000", "--no-pca"];
  const running = work.start("train", ...SMALL, ...how, "--out", "live", "--page", "0", "--allow-faults");
  try {
    await withPage(browser as string, await linkOf(running), async (page) => {
      await page.evaluate(WATCH);
      await until(page, `document.querySelectorAll("canvas").length >= 4`);
      await until(page, `document.querySelector("[data-part=processes]")?.textContent.includes("worker-1")`);
      await page.evaluate(`document.querySelector('[data-fault="kill worker-1"]').click()`);
      await until(page, `document.querySelector(".timeline")?.getAttribute("aria-label").includes("worker-1")`);
      await until(page, `document.querySelector(".events").textContent.includes("worker-1 is back")`);
      await until(page, `document.querySelector("img.pixels")?.naturalWidth > 50`);
      for (const table of (await page.evaluate(
        `[...document.querySelectorAll("details[data-part=table]")].map((one, i) => (one.open = true, i))`,
      )) as number[]) {
        await until(
          page,
          `document.querySelectorAll("details[data-part=table]")[${table}].querySelector("tbody tr, p")`,
        );
      }
      await soundIn(page);
      running.process.kill("SIGINT");
      // What is over cannot be made to fail.
      await until(page, `!document.querySelector("details.faults")`);
    });
  } finally {
    running.process.kill("SIGINT");
  }
  expect((await running.outcome).code).toBe(130);
});

it.skipIf(browser === undefined)("a recorded run is replayed, and several are compared", async () => {
  for (const out of ["one", "two"]) await work.train(...SMALL, "--epochs", "4", "--no-pca", "--out", out);
  const shown = async (runs: readonly string[], look: (page: Page) => Promise<void>): Promise<void> => {
    const running = work.start("view", ...runs);
    try {
      await withPage(browser as string, await linkOf(running), async (page) => {
        await page.evaluate(WATCH);
        await until(page, `document.querySelectorAll("canvas").length >= 3`);
        await look(page);
        await soundIn(page);
      });
    } finally {
      running.process.kill("SIGINT");
    }
    expect((await running.outcome).code).toBe(0);
  };
  await shown(["one"], async (page) => {
    await until(page, `document.querySelector("[data-part=progress]").textContent === "100 %"`);
    await page.evaluate(
      `const slider = document.querySelector("input[type=range]"); slider.value = 0; slider.dispatchEvent(new Event("input"))`,
    );
    await until(page, `!document.querySelector(".events").textContent.includes("all steps are done")`);
    await page.evaluate(`document.querySelector("[data-part=play]").click()`);
    await until(page, `Number(document.querySelector("input[type=range]").value) > 10`);
    await page.evaluate(`document.querySelector("[data-part=play]").click()`);
  });
  await shown(["one", "two"], async (page) => {
    await until(page, `document.querySelectorAll("[data-part=runs] tbody tr").length === 2`);
  });
});
