/**
 * The command line: it turns words into the library's options, and the library's results into lines. Exit codes: 0
 * done, 1 failed, 2 wrong usage, 128 + N ended by signal N (130 for Ctrl-C). Every error that is not a bug is one line
 * on stderr.
 */
import { Command, CommanderError } from "commander";
import { DawnpourError, UsageError } from "../error.js";
import { version } from "../version.js";
import { addressSpaceLeft, LEAST_ROOM } from "../world/address-space.js";
import { shortage } from "../world/disk-error.js";
import { nodeWorld } from "../world/node/world.js";
import type { World } from "../world/world.js";
import { applyCommand } from "./commands/apply.js";
import { benchCommand } from "./commands/bench.js";
import { clusterCommand } from "./commands/cluster.js";
import { compareCommand } from "./commands/compare.js";
import { coordinateCommand } from "./commands/coordinate.js";
import { devicesCommand } from "./commands/devices.js";
import { encodeCommand } from "./commands/encode.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { exportCommand } from "./commands/export.js";
import { predictCommand } from "./commands/predict.js";
import { privacyCommand } from "./commands/privacy.js";
import { reconstructCommand } from "./commands/reconstruct.js";
import { replayCommand } from "./commands/replay.js";
import { scoreCommand } from "./commands/score.js";
import { searchCommand } from "./commands/search.js";
import { statusCommand } from "./commands/status.js";
import { stopCommand } from "./commands/stop.js";
import { trainCommand } from "./commands/train.js";
import { tuneCommand } from "./commands/tune.js";
import { viewCommand } from "./commands/view.js";
import { workerCommand } from "./commands/worker.js";
import { note } from "./display/output.js";
import { watchStreams } from "./display/streams.js";
import { asCalled } from "./invocation.js";

const COMMANDS = [
  devicesCommand,
  trainCommand,
  clusterCommand,
  coordinateCommand,
  workerCommand,
  statusCommand,
  stopCommand,
  compareCommand,
  predictCommand,
  searchCommand,
  privacyCommand,
  evaluateCommand,
  encodeCommand,
  reconstructCommand,
  scoreCommand,
  applyCommand,
  replayCommand,
  viewCommand,
  exportCommand,
  tuneCommand,
  benchCommand,
];

function commandLine(world: World): Command {
  const program = new Command("dawnpour")
    .description("Trains dense autoencoders on every GPU that WebGPU supports, and on the CPU.")
    .version(version, "-v, --version", "print the version")
    .addHelpText("after", asCalled(HELP));
  for (const define of COMMANDS) program.addCommand(define(world));
  for (const command of [program, ...program.commands, ...program.commands.flatMap((each) => each.commands)]) {
    command.exitOverride((error) => refuse(command, error)).configureOutput({ outputError: () => undefined });
  }
  return program;
}

/** Turns the parser's complaint into an error of ours. The parser also calls the end after `--help` an error. */
function refuse(command: Command, error: CommanderError): never {
  if (error.exitCode === 0) throw error;
  // Without a subcommand the parser has shown the help.
  if (error.code === "commander.help") throw new UsageError("give one of the commands above");
  const names = [command, ...ancestors(command)].map((each) => each.name()).reverse();
  const what = error.message
    .replace(/^error: /, "")
    .replace(/ argument '.*' is invalid\. (.*)\.$/, ": $1")
    .replace(/\n\(Did (.*)\)$/, ": did $1");
  throw new UsageError(`${what} (see \`${names.join(" ")} --help\`)`);
}

function ancestors({ parent }: Command): Command[] {
  return parent ? [parent, ...ancestors(parent)] : [];
}

const HELP = `
A data set given by name is looked for in --data, then in the folder that
DAWNPOUR_DATA names, then in the user's cache. If it is nowhere, it is
downloaded.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C, 143 by
SIGTERM, 129 by SIGHUP.

  dawnpour train mnist                         a first run
  dawnpour train --preset hinton2006           the reference network
  dawnpour reconstruct runs/... -o seen.png    look at its reconstructions
  dawnpour devices                             the devices of this machine
  dawnpour train --help                        all options of a command`;

/** Runs the command line; sets the exit code of the process. */
export async function runProgram(): Promise<void> {
  const streams = watchStreams(process.stdout, process.stderr);
  const code = (await runCommand()) || complain(streams.failure);
  // A command that a signal ended has set its own.
  if (code !== 0) process.exitCode = code;
}

async function runCommand(): Promise<number> {
  try {
    checkAddressSpace();
    await commandLine(nodeWorld()).parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return 0;
    return complain(error);
  }
}

function checkAddressSpace(): void {
  const left = addressSpaceLeft();
  if (left >= LEAST_ROOM) return;
  throw new DawnpourError(
    `the limit on address space leaves ${left} MiB to this process, and it needs ${LEAST_ROOM}: raise the limit (ulimit -v)`,
  );
}

/** Prints an error on stderr, if there is one; returns its exit code. */
function complain(error: unknown): number {
  if (error === undefined) return 0;
  note(`dawnpour: ${asCalled(describe(error))}`);
  return error instanceof UsageError ? 2 : 1;
}

/** One line for errors of Dawnpour and for a lack of resources. */
function describe(error: unknown): string {
  if (error instanceof DawnpourError) return error.message;
  const lack = shortage(error);
  if (lack !== undefined) return lack;
  return `internal error, please report it: ${error instanceof Error ? error.stack : String(error)}`;
}
