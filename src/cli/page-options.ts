/** The options of the page of a run, and the page that follows from them. */
import type { Command } from "commander";
import { UsageError } from "../error.js";
import { checkOpen, parseAddress } from "../page/address.js";
import type { RunPage } from "../page/run-page.js";
import type { World } from "../world/world.js";

export interface PageOptions {
  readonly page?: string;
  readonly pageOpen?: boolean;
  readonly allowFaults?: boolean;
}

export function addPageOptions(command: Command): Command {
  return command
    .option(
      "--page <[host:]port>",
      "serve a page that shows the run while it runs; 0: any port that is free (docs/live.md)",
    )
    .option("--page-open", "allow a host of --page that other machines reach; the page goes to them without encryption")
    .option("--allow-faults", "let the page kill, hang, slow or cut off processes of the run");
}

/** The page that was asked for. @throws UsageError for options that do not go together */
export async function openRunPage(world: World, options: PageOptions): Promise<RunPage | undefined> {
  const { page, pageOpen = false, allowFaults = false } = options;
  if (page === undefined) {
    const lone = pageOpen ? "--page-open" : allowFaults ? "--allow-faults" : undefined;
    if (lone === undefined) return undefined;
    throw new UsageError(`${lone} is for a page: add --page 0, or leave it out`);
  }
  const address = parseAddress(page);
  checkOpen(address, pageOpen);
  const { RunPage } = await import("../page/run-page.js");
  return RunPage.open({ world, address, allowFaults });
}
