/**
 * Folder of this user's caches: downloaded data sets, tuned kernels. The rules of each system are those of `env-paths`;
 * that package cannot be loaded where the user has no home.
 */
import { join } from "node:path";
import { homeFolder } from "./home-folder.js";

const NAME = "dawnpour";

export function cacheFolder(
  platform: NodeJS.Platform = process.platform,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  switch (platform) {
    case "darwin":
      return join(homeFolder(), "Library", "Caches", NAME);
    case "win32":
      return join(local || join(homeFolder(), "AppData", "Local"), NAME, "Cache");
    default:
      return join(xdg || join(homeFolder(), ".cache"), NAME);
  }
}
