import { homedir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cacheFolder } from "../../src/world/cache-folder.js";

it.each([
  ["linux", {}, [homedir(), ".cache", "dawnpour"]],
  ["linux", { XDG_CACHE_HOME: "/caches" }, ["/caches", "dawnpour"]],
  ["darwin", { XDG_CACHE_HOME: "/caches" }, [homedir(), "Library", "Caches", "dawnpour"]],
  ["win32", { LOCALAPPDATA: "/local" }, ["/local", "dawnpour", "Cache"]],
  ["win32", {}, [homedir(), "AppData", "Local", "dawnpour", "Cache"]],
] as const)("the cache of %s, where the environment is %j", (platform, environment, folder) => {
  expect(cacheFolder(platform, environment)).toBe(join(...folder));
});
