/** `dawnpour view`: a recorded run in the page of `train --page`, or several runs beside one another. */
import { Command } from "commander";
import { messageOf } from "../../error.js";
import { checkOpen, parseAddress } from "../../page/address.js";
import { openView } from "../../page/run-view.js";
import type { World } from "../../world/world.js";
import { note, print } from "../display/output.js";
import { Interruption } from "../interruption.js";
import { asCalled } from "../invocation.js";

interface ViewOptions {
  readonly page: string;
  readonly pageOpen?: boolean;
}

export function viewCommand(world: World): Command {
  return new Command("view")
    .description("show a recorded run in a page, or compare several; until Ctrl-C")
    .argument("<runs...>", "folders of runs")
    .optionsGroup("Output:")
    .option("--page <[host:]port>", "where the page is served; 0: any port that is free", "0")
    .option("--page-open", "allow a host of --page that other machines reach; the page goes to them without encryption")
    .addHelpText("after", asCalled(HELP))
    .action((folders: string[], options: ViewOptions) => runView(world, folders, options));
}

const HELP = `
  dawnpour view runs/first              the run, with a slider over its time
  dawnpour view runs/first runs/second  their curves in the same charts`;

async function runView(
  world: World,
  folders: readonly string[],
  { page, pageOpen = false }: ViewOptions,
): Promise<void> {
  const address = parseAddress(page);
  checkOpen(address, pageOpen);
  const interruption = new Interruption({ line: () => undefined, close: () => undefined });
  const view = await openView(world, folders, address, (error) => note(`note: no pictures: ${messageOf(error)}`));
  try {
    interruption.listen();
    print(`page    ${view.link}`);
    await new Promise<void>((settle) => interruption.signal.addEventListener("abort", () => settle()));
    // Ctrl-C ends the command as usual: no run is interrupted.
    interruption.cameTooLate();
  } finally {
    interruption.close();
    await view.close();
  }
}
