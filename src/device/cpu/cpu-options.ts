/**
 * The options of a CPU device, and how it describes itself. The number of threads changes no bit of the result. The instruction
 * set changes the rounding only. The arithmetic changes what `ARITHMETICS` says.
 */
import os from "node:os";
import { UsageError, unknownWord } from "../../error.js";
import type { DeviceInfo } from "../device.js";
import { cpuCore } from "./addon.js";
import { type ArithmeticOptions, type DeviceArithmetic, resolveArithmetic } from "./arithmetic.js";
import { usableCores } from "./cores.js";

export const INSTRUCTION_SETS = ["avx512", "avx2", "neon", "portable"] as const;
export type InstructionSet = (typeof INSTRUCTION_SETS)[number];

export interface CpuDeviceOptions extends ArithmeticOptions {
  /** Threads that do the work. Default: one for each core that this process may use. */
  readonly threads?: number;
  /** Default: the best instruction set of this chip. */
  readonly isa?: InstructionSet;
}

export const MOST_THREADS = 1024;

/** Options with every choice made. */
export interface CpuSetup {
  readonly threads: number;
  readonly isa: InstructionSet;
  readonly arithmetic: DeviceArithmetic;
  /** Undefined where products of bf16 operands are computed by fused multiply-adds of floats. */
  readonly unit: string | undefined;
}

/** @throws UsageError for a thread count out of range and an instruction set that is unknown or that the chip lacks */
export function resolveOptions(options: CpuDeviceOptions): CpuSetup {
  const core = cpuCore();
  const available = core.instructionSets() as InstructionSet[];
  const { threads = Math.min(usableCores(), MOST_THREADS), isa = available[0] } = options;
  checkThreads(threads);
  if (!INSTRUCTION_SETS.includes(isa)) throw unknownWord("instruction set", isa, INSTRUCTION_SETS);
  if (!available.includes(isa)) {
    throw new UsageError(`this CPU does not offer the instruction set "${isa}": choose one of ${available.join(", ")}`);
  }
  return { threads, isa, ...resolveArithmetic(core, isa, options) };
}

/** @throws UsageError */
export function checkThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return;
  throw new UsageError(`threads must be a whole number from 1 to ${MOST_THREADS}, got ${threads}`);
}

export function describeCpu({ threads, isa, arithmetic, unit }: CpuSetup): DeviceInfo {
  const model = os.cpus()[0]?.model.trim() || os.arch();
  const how = [isa, ...(unit === undefined ? [] : [unit]), ...(arithmetic === "fma" ? [] : [arithmetic])];
  return {
    kind: "cpu",
    name: `${model} (${how.join(", ")}, ${threads} ${threads === 1 ? "thread" : "threads"})`,
    id: ["cpu", model, ...how].join(":"),
    // The unit is part of the key whatever the arithmetic is: products of bf16 operands always use it.
    bits: ["cpu", os.arch(), isa, arithmetic, unit ?? "fma"].join(":"),
    arithmetic: { f32: arithmetic, bf16: unit ?? "fma" },
    driver: isa,
    software: true,
    limits: { threads, memoryBytes: memoryBytes() },
    features: cpuCore().instructionSets(),
  };
}

/** The memory of the machine, or of the container where that has less. */
function memoryBytes(): number {
  const granted = process.constrainedMemory() ?? 0;
  return granted > 0 ? Math.min(granted, os.totalmem()) : os.totalmem();
}
