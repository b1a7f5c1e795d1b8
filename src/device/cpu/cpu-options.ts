/**
 * How a CPU device is set up, and how it describes itself. The thread count does not change a bit of what is computed, the
 * instruction set no more than the rounding, the arithmetic what `ARITHMETICS` says.
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
  /** Threads that do the work; by default one for every core this process may use. */
  readonly threads?: number;
  /** By default the best this chip has. */
  readonly isa?: InstructionSet;
}

export const MOST_THREADS = 1024;

/** Options with every choice made. */
export interface CpuSetup {
  readonly threads: number;
  readonly isa: InstructionSet;
  readonly arithmetic: DeviceArithmetic;
  /** Undefined where products of bf16 are computed as those of f32 are. */
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
    // Products of f32 use the unit only where the arithmetic says so, but those of bf16 always do.
    bits: ["cpu", os.arch(), isa, arithmetic, unit ?? "fma"].join(":"),
    arithmetic: { f32: arithmetic, bf16: unit ?? "fma" },
    driver: isa,
    software: true,
    limits: { threads, memoryBytes: memoryBytes() },
    features: cpuCore().instructionSets(),
  };
}

/** The machine's memory, or what the container grants of it. */
function memoryBytes(): number {
  const granted = process.constrainedMemory() ?? 0;
  return granted > 0 ? Math.min(granted, os.totalmem()) : os.totalmem();
}
