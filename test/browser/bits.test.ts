/**
 * A whole run in a browser has the bits of the same run in Node. Both use SwiftShader, each its own copy. The page loads a bundle
 * of the package from 127.0.0.1, because a page has WebGPU only over https and from localhost.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { findChromium, withPage } from "../support/chromium.mjs";
import { swiftShaderEnvironment } from "../support/software-gpu.mjs";

const browser = await findChromium();
if (browser === undefined) console.warn("bits in a browser: skipped: there is no Chromium, and CHROMIUM names none");

interface Result {
  readonly parametersSha256: string;
  readonly losses: readonly number[];
  readonly fitted: readonly number[];
}

async function inNode(): Promise<Result> {
  const env = { ...process.env, ...(await swiftShaderEnvironment()) };
  const { stdout } = await promisify(execFile)(process.execPath, ["test/browser/node-run.mjs"], { env });
  return JSON.parse(stdout);
}

async function inBrowser(browser: string): Promise<Result> {
  const options = { bundle: true, platform: "browser", format: "esm", write: false, logLevel: "silent" } as const;
  const { outputFiles } = await build({ ...options, entryPoints: ["test/browser/small-run.mjs"] });
  const server = createServer(({ url }, response) => {
    const isScript = url === "/run.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? outputFiles[0].text : "<!doctype html><title>run</title>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    return (await withPage(browser, address, (page) =>
      page.evaluate('import("/run.js").then(({ smallRun }) => smallRun(navigator.gpu))'),
    )) as Result;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

it.skipIf(browser === undefined)("a run in a browser has the bits of Node", async () => {
  const [page, node] = await Promise.all([inBrowser(browser as string), inNode()]);
  expect(node.losses[39]).toBeLessThan(0.75 * node.losses[0]);
  expect(node.fitted.slice(0, 200).every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
  expect(page).toEqual(node);
});
