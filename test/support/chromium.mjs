/**
 * A headless Chromium, and a page in it. Chromium is driven through a pipe by its DevTools protocol: messages are JSON, each
 * ended by a zero byte (https://chromedevtools.github.io/devtools-protocol).
 */
import { spawn } from "node:child_process";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { RUNS_HERE, unpackedChromium } from "./software-gpu.mjs";

/** WebGPU runs on Chromium's own SwiftShader, whatever GPU the machine has. */
const FLAGS = ["--headless", "--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
/** Milliseconds until an answer is given up. */
const PATIENCE = 120_000;

/**
 * The Chromium that `CHROMIUM` names, else the first on the path, else the one of a development dependency.
 * @returns {Promise<string | undefined>} undefined where there is none: elsewhere than on Linux x64
 */
export async function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, "chromium");
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return RUNS_HERE ? join(await unpackedChromium(), "chromium") : undefined;
}

/**
 * The environment of a Chromium: with libraries that the one of the dependency brings, and without the Vulkan driver that tests give
 * to Node, for Chromium has its own.
 */
export function chromiumEnvironment(browser) {
  const { VK_DRIVER_FILES, ...environment } = process.env;
  return { ...environment, LD_LIBRARY_PATH: join(dirname(browser), "lib") };
}

/**
 * Opens a page, hands it to `use`, and ends the browser.
 * @template T
 * @param {string} browser
 * @param {string} url
 * @param {(page: import("./chromium.mjs").Page) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withPage(browser, url, use) {
  const profile = await mkdtemp(join(tmpdir(), "dawnpour-chromium-"));
  const flags = [...FLAGS, "--remote-debugging-pipe", `--user-data-dir=${profile}`];
  const child = spawn(browser, flags, {
    env: chromiumEnvironment(browser),
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    const send = protocol(child);
    const { targetId } = await send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page((method, parameters) => send(method, parameters, sessionId));
    await page.open(url);
    return await use(page);
  } finally {
    child.kill("SIGKILL");
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Sends a command to a browser; resolves with the answer, rejects with the browser's words. */
function protocol(child) {
  const [, , , commands, answers] = child.stdio;
  const waiting = new Map();
  const fail = (why) => {
    for (const { reject } of waiting.values()) reject(new Error(why));
    waiting.clear();
  };
  let text = "";
  answers.setEncoding("utf8").on("data", (chunk) => {
    const messages = (text + chunk).split("\0");
    text = messages.pop();
    for (const { id, result, error } of messages.map((message) => JSON.parse(message))) {
      const { resolve, reject } = waiting.get(id) ?? {};
      waiting.delete(id);
      if (error) reject?.(new Error(error.message));
      else resolve?.(result);
    }
  });
  commands.on("error", ({ message }) => fail(`Chromium: ${message}`));
  child.once("error", ({ message }) => fail(`Chromium does not start: ${message}`));
  child.once("close", (code) => fail(`Chromium ended, with ${code}`));
  let count = 0;
  return (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      const id = ++count;
      const timer = setTimeout(() => fail(`Chromium: no answer to ${method}`), PATIENCE);
      const settled = (settle) => (value) => {
        clearTimeout(timer);
        settle(value);
      };
      waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}

class Page {
  #send;

  constructor(send) {
    this.#send = send;
  }

  async open(url) {
    const { errorText } = await this.#send("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await this.evaluate(
      "new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', () => done()))",
    );
  }

  /** The value of an expression in the page; of a promise, what it resolves to. */
  async evaluate(expression) {
    const options = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails: failed } = await this.#send("Runtime.evaluate", options);
    if (failed) throw new Error(`in the page: ${failed.exception?.description ?? failed.text}`);
    return result.value;
  }

  /** Shows the page as wide as on a certain screen, in the colours of a theme: `light` or `dark`. */
  async show(width, theme, height = 900) {
    await this.#send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await this.#send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: theme }] });
  }

  /** A picture of the whole page, as PNG. */
  async screenshot(width = 1000) {
    const height = await this.evaluate("document.documentElement.scrollHeight");
    await this.#send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    const { data } = await this.#send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
    return Buffer.from(data, "base64");
  }
}
