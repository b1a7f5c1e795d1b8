// Runs all reproductions, one after the other: npm run reproduce (a reduced budget; without --quick the whole one).
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

for (const name of ["classifier", "curves", "linear-pca", "denoising"]) {
  const script = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
  execFileSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: "inherit" });
}
