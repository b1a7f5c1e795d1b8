/** The files of the page, and the headers of every answer. */
import { fileURLToPath } from "node:url";
import { html } from "../report/html.js";
import { STYLE } from "../report/style.js";
import { version } from "../version.js";
import { explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";

export interface Asset {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** The page runs no text as code, loads nothing from elsewhere, and is shown in no other page. */
const POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join("; ");

export const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** `npm run compile` makes both from src/page/client. */
const [SCRIPT, SHEET] = ["client.js", "client.css"];

/** By name; the page itself is ``. @throws DawnpourError when the package was not compiled */
export async function pageAssets({ disk }: Pick<World, "disk">): Promise<ReadonlyMap<string, Asset>> {
  const read = (name: string): Promise<Uint8Array> => {
    const path = fileURLToPath(new URL(`./bundle/${name}`, import.meta.url));
    return explained("read", path, disk.read(path));
  };
  const [script, sheet] = await Promise.all([read(SCRIPT), read(SHEET)]);
  const style = `${STYLE}\n${new TextDecoder().decode(sheet)}`;
  return new Map<string, Asset>([
    ["", { type: "text/html; charset=utf-8", body: PAGE }],
    [SCRIPT, { type: "text/javascript; charset=utf-8", body: script }],
    [SHEET, { type: "text/css; charset=utf-8", body: style }],
  ]);
}

const PAGE = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Dawnpour</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${SHEET}">
<script type="module" src="${SCRIPT}"></script>
</head>
<body>
<main id="page"><header><p class="brand">Dawnpour</p><h1>Loading …</h1></header>
<noscript><p class="notice">This page needs JavaScript.</p></noscript></main>
<footer>Dawnpour ${version}</footer>
</body>
</html>
`.text;
