// Serves the page of this folder to this machine: node examples/browser/serve.mjs, or with a port of your own behind it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

/** Where what a path begins with lies: this page, and the modules that its import map names. */
const FOLDERS = {
  "/dawnpour/": new URL("./", import.meta.resolve("dawnpour/webgpu")),
  "/wesl/": new URL("./", import.meta.resolve("wesl/core")),
  "/fastest-levenshtein/": new URL("./esm/", import.meta.resolve("fastest-levenshtein")),
  "/": new URL("./", import.meta.url),
};
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

const server = createServer(async ({ url }, response) => {
  // Read as a URL, a path has no ".." left in it.
  const { pathname } = new URL(url, "http://localhost");
  const start = Object.keys(FOLDERS).find((folder) => pathname.startsWith(folder));
  const file = new URL(`./${pathname.slice(start.length) || "index.html"}`, FOLDERS[start]);
  const content = await readFile(file).catch(() => undefined);
  const type = TYPES[extname(file.pathname)] ?? "application/octet-stream";
  response.writeHead(content ? 200 : 404, { "content-type": `${type}; charset=utf-8` }).end(content ?? "not found");
});
// WebGPU is there over https and from localhost only.
server.listen(Number(process.argv[2] ?? 8000), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
