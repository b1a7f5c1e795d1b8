/** `dawnpour export`: a checkpoint as a file for other programs. */
import { Command } from "commander";
import { openCheckpoint } from "../../checkpoint/open.js";
import { writeSafetensors } from "../../checkpoint/safetensors-file.js";
import { UsageError } from "../../error.js";
import { torchTensors } from "../../export/pytorch.js";
import type { Component } from "../../model/components.js";
import { modelFromCheckpoint } from "../../training/run-folder/snapshot.js";
import type { World } from "../../world/world.js";
import { writeWhole } from "../../world/write-whole.js";
import { checkOutput } from "../check-output.js";
import { note, print } from "../display/output.js";
import { choice } from "../options.js";

const PARTS: Readonly<Record<string, Component>> = { encoder: "encode", decoder: "decode", all: "reconstruct" };

interface ExportOptions {
  readonly onnx?: string;
  readonly part?: string;
  readonly pytorch?: string;
}

export function exportCommand(world: World): Command {
  return new Command("export")
    .description("write a checkpoint as a file for ONNX runtimes, or for PyTorch")
    .argument("<checkpoint>", "a run's folder (its newest checkpoint), a checkpoint's folder, or a model.safetensors")
    .optionsGroup("Output:")
    .option("--onnx <file>", "the ONNX file to write: rows [n, values] as in the data")
    .addOption(choice("--part <name>", "the part of the network to write, for ONNX", Object.keys(PARTS), "all"))
    .option("--pytorch <file>", "the safetensors file to write: two nn.Sequential, encoder and decoder")
    .addHelpText("after", HELP)
    .action((checkpoint: string, options: ExportOptions) => runExport(world, checkpoint, options));
}

const HELP = `
  dawnpour export runs/a --onnx encoder.onnx --part encoder
  dawnpour export runs/a --pytorch a.safetensors

In Python, for layers 784,128,32 and activation relu:
  encoder = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 32))
  decoder = nn.Sequential(nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 784))
  model = nn.ModuleDict({"encoder": encoder, "decoder": decoder})
  model.load_state_dict(safetensors.torch.load_file("a.safetensors"))`;

async function runExport(world: World, path: string, { onnx, part, pytorch }: ExportOptions): Promise<void> {
  if (onnx === undefined && pytorch === undefined)
    throw new UsageError("say what to write: --onnx FILE, --pytorch FILE");
  if (part !== undefined && onnx === undefined)
    throw new UsageError(`--part ${part} is for --onnx FILE: give that, too`);
  for (const file of [onnx, pytorch]) if (file !== undefined) await checkOutput(world, file);
  const checkpoint = await openCheckpoint(world, path, { optimizer: false });
  for (const problem of checkpoint.skipped) note(`warning: ${problem}`);
  const { model, config, parameters } = modelFromCheckpoint(checkpoint);
  if (onnx !== undefined) {
    const metadata = { architecture: model.name, step: String(checkpoint.step), configuration: JSON.stringify(config) };
    const { encodeOnnx } = await import("../../export/onnx.js");
    const bytes = encodeOnnx(model, parameters, PARTS[part ?? "all"], metadata, config.columns);
    await writeWhole(world.disk, onnx, bytes);
    print(`${onnx}: ${part ?? "all"} of ${model.name} at step ${checkpoint.step}`);
  }
  if (pytorch !== undefined) {
    const scale = config.columns && { columns: JSON.stringify(config.columns) };
    await writeSafetensors(pytorch, torchTensors(model, parameters), { format: "pt", ...scale }, world);
    print(`${pytorch}: the tensors of ${model.name} at step ${checkpoint.step}, as PyTorch names and lays them out`);
    if (scale) print("        for (rows - mean) / deviation: both are in the file's metadata, as columns");
  }
}
