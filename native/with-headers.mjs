// Runs a build command with the headers that came with this Node, as they do in its archives and most packages. The core then
// compiles without a network. Without such headers node-gyp downloads them, as usual.
//   node native/with-headers.mjs node-gyp rebuild
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(dirname(process.execPath));
const brought =
  existsSync(join(root, "include", "node", "node_api.h")) && existsSync(join(root, "include", "node", "common.gypi"));
const env = { ...process.env };
if (brought) env.npm_config_nodedir ??= root;
const { status, error } = spawnSync(process.argv.slice(2).join(" "), { stdio: "inherit", shell: true, env });
if (error) throw error;
process.exitCode = status ?? 1;
