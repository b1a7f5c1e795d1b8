/** The command that trains what a search found. */
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { foundCommand } from "../../src/cli/found-command.js";
import { addTrainOptions } from "../../src/cli/train-options.js";
import type { Candidate } from "../../src/search/space.js";

function found(words: string, options: Candidate, epochs = 100): string {
  const command = addTrainOptions(new Command("search").argument("[dataset]")).option("--vary <values>");
  command.parse(words.split(" "), { from: "user" });
  return foundCommand(options, epochs, command);
}

describe("the command that trains what a search found", () => {
  it("has the epochs of the trials, which do not follow from the batch of the best", () => {
    expect(found("digits --vary batch=2,64", { batch: 64 })).toMatch(/train digits --epochs 100 --batch 64$/);
    const typed = found("digits --epochs 3 --loss mse --vary lr=0.1,0.2", { lr: 0.1 }, 3);
    expect(typed).toMatch(/train digits --loss mse --epochs 3 --lr 0\.1$/);
  });

  it("has only options that train has", () => {
    expect(found("digits --tied --vary tied=true,false", { tied: false })).toMatch(/train digits --epochs 100$/);
    expect(found("digits --vary tied=true,false", { tied: true })).toMatch(/ --epochs 100 --tied$/);
    expect(found("digits --no-standardise --vary lr=1,2", { lr: 1 })).toMatch(/ --no-standardise --epochs 100 --lr 1$/);
  });
});
