/** The page of examples/browser, from its own server: it trains, saves the trained weights, and loads them again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { decodeSafetensors } from "../../src/checkpoint/safetensors.js";
import { findChromium, type Page, withPage } from "../support/chromium.mjs";

const browser = await findChromium();
if (browser === undefined) console.warn("the page: skipped: there is no Chromium, and CHROMIUM names none");

async function served<T>(use: (url: string) => Promise<T>): Promise<T> {
  const server: ChildProcess = spawn(process.execPath, ["examples/browser/serve.mjs", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(server.stdout as NonNullable<typeof server.stdout>, "data");
    return await use(String(line).trim());
  } finally {
    server.kill();
  }
}

const text = (page: Page, id: string): Promise<string> =>
  page.evaluate(`document.getElementById("${id}").textContent`) as Promise<string>;

/** Waits until the status line of the page has a certain text. */
const until = (page: Page, words: string): Promise<unknown> =>
  page.evaluate(`new Promise((done) => {
    const status = document.getElementById("status");
    const look = () => status.textContent.includes(${JSON.stringify(words)}) && !document.getElementById("train").disabled
      ? done() : setTimeout(look, 50);
    look();
  })`);

const sse = async (page: Page): Promise<number> => Number(/[\d.]+$/.exec(await text(page, "error"))?.[0]);

async function trainedAndSaved(page: Page): Promise<void> {
  await until(page, "Ready");
  const before = await sse(page);
  await page.evaluate('document.getElementById("steps").value = 128; document.getElementById("train").click()');
  await until(page, "Step 128");
  const after = await sse(page);
  expect(after).toBeLessThan(before / 2);
  await page.evaluate(`globalThis.files = [];
    const make = URL.createObjectURL;
    URL.createObjectURL = (file) => (files.push(file), make.call(URL, file));
    document.getElementById("save").click()`);
  await until(page, "Saved digits.safetensors");
  const bytes = await page.evaluate("files[0].arrayBuffer().then((bytes) => Array.from(new Uint8Array(bytes)))");
  const { tensors } = decodeSafetensors(Uint8Array.from(bytes as number[]), "the file of the page");
  expect(tensors.get("encoder.0.weight")).toMatchObject({ dtype: "F32", shape: [784, 128] });
}

/** Chooses the file that was saved, as a person does. */
async function loaded(page: Page): Promise<void> {
  const after = await sse(page);
  await page.evaluate('document.getElementById("steps").value = 64; document.getElementById("train").click()');
  await until(page, "Step 192");
  expect(await sse(page)).not.toBe(after);
  await page.evaluate(`const chosen = new DataTransfer();
    chosen.items.add(new File(files, "mine.safetensors"));
    const input = document.getElementById("load");
    input.files = chosen.files;
    input.dispatchEvent(new Event("change"))`);
  await until(page, "Loaded mine.safetensors");
  expect(await sse(page)).toBe(after);
}

it.skipIf(browser === undefined)("the page trains, saves and loads, and axe finds nothing in it", async () => {
  await served((url) =>
    withPage(browser as string, url, async (page) => {
      await trainedAndSaved(page);
      await loaded(page);
      await page.evaluate(await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8"));
      const found = "axe.run().then(({ violations }) => violations.map(({ id, help }) => [id, help].join(': ')))";
      expect(await page.evaluate(found)).toEqual([]);
    }),
  );
});
