/** Where this user's caches are: downloaded data sets, tuned kernels. */
import envPaths from "env-paths";

export const cacheFolder = (): string => envPaths("dawnpour", { suffix: "" }).cache;
