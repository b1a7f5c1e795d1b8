import { tmpdir } from "node:os";
import { PassThrough } from "node:stream";
import { expect, it, vi } from "vitest";
import { folderAsker } from "../../src/cli/ask-folder.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";

const PROBLEM = "cannot write the checkpoint: no space is left on the disk";

/** Asks on a terminal, or on streams that are no terminal. */
function start(isTTY: boolean) {
  const [input, output] = [new PassThrough(), new PassThrough()].map((stream) => Object.assign(stream, { isTTY }));
  const lines: string[] = [];
  let shown = "";
  output.on("data", (chunk) => {
    shown += chunk;
  });
  const display = { line: (text: string) => void lines.push(text), close: () => void lines.push("closed") };
  return { ask: folderAsker(new SimulatedWorld(), display, { input, output }), input, lines, shown: () => shown };
}

it.each([
  ["  /mnt/other run \n", "/mnt/other run"],
  ["\n", undefined],
])("a person at a terminal is asked: the answer %j is %j", async (typed, folder) => {
  const { ask, input, lines, shown } = start(true);
  const answer = ask(PROBLEM);
  input.write(typed);
  expect(await answer).toBe(folder);
  // Lines that are redrawn on the terminal would hide the question.
  expect(lines).toEqual(["closed", `warning: ${PROBLEM}`]);
  expect(shown()).toContain("another folder for the run (empty: give up): ");
});

it("a terminal that is closed gives the run up", async () => {
  const { ask, input } = start(true);
  const answer = ask(PROBLEM);
  input.end();
  expect(await answer).toBeUndefined();
});

it("a person may be asked again", async () => {
  const { ask, input } = start(true);
  for (const folder of ["one", "two"]) {
    const answer = ask(PROBLEM);
    input.write(`${folder}\n`);
    expect(await answer).toBe(folder);
  }
});

it("Ctrl-C at the question is a signal, as it is elsewhere", async () => {
  const kill = vi.spyOn(process, "kill").mockReturnValue(true);
  const { ask, input } = start(true);
  const answer = ask(PROBLEM);
  input.write("\u0003");
  input.write("\n");
  expect(await answer).toBeUndefined();
  expect(kill).toHaveBeenCalledWith(process.pid, "SIGINT");
  kill.mockRestore();
});

it("without a terminal a folder for temporary files is offered, once", async () => {
  const { ask, lines } = start(false);
  const folder = await ask(PROBLEM);
  expect(folder).toMatch(new RegExp(`^${tmpdir()}/dawnpour-run-\\d+$`));
  expect(lines).toEqual([`warning: ${PROBLEM}; the checkpoint goes to ${folder}`]);
  expect(await ask(PROBLEM)).toBeUndefined();
});
