/** Loads modules of the sources for a script that vitest does not run. `close` the server at the end. */
import { createViteServer } from "vitest/node";

export const openSources = () =>
  createViteServer({
    configFile: false,
    logLevel: "error",
    // Syntax that Node 20 does not have, such as `using`, is rewritten.
    oxc: { target: "node20" },
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, ws: false, watch: null },
  });
