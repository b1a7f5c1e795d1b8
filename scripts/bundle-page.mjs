/**
 * Makes the script and the style sheet of the page, each one file, so that it loads nothing from elsewhere: `npm run compile` calls
 * this. uPlot is in them, under its licence (MIT).
 */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (name) => fileURLToPath(new URL(`../src/page/client/${name}`, import.meta.url));

/** @param {string} into the folder of the compiled package */
export async function bundlePage(into) {
  await build({
    entryPoints: [
      { in: here("main.ts"), out: "client" },
      { in: here("page.css"), out: "client" },
    ],
    outdir: `${into}/page/bundle`,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    minify: true,
    legalComments: "inline",
    logLevel: "warning",
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundlePage("dist");
