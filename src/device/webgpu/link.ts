/**
 * Makes the WGSL of one kernel: its shader, the modules that imports, the constants and conditions it is specialised
 * with, and the generated module `operands`. WESL, the extension of WGSL that the shaders are written in, brings imports,
 * `@if` and injected constants.
 */
import { link } from "wesl/core";
import { type Kernel, WORKGROUP } from "./kernel.js";
import { unroll } from "./unroll.js";

/** The texts of shaders/*.wgsl by file name. */
export type ShaderSources = Readonly<Record<string, string>>;

export async function linkKernel(
  shaders: ShaderSources,
  kernel: Kernel,
  operands: string,
  gridColumns: number,
): Promise<string> {
  const constants = { ...kernel.constants, WORKGROUP, GRID_X: gridColumns };
  const root = `${kernel.shader}.wgsl`;
  const linked = await link({
    weslSrc: { ...shaders, ...kernel.modules, [root]: unroll(shaders[root], constants), "operands.wgsl": operands },
    rootModuleName: kernel.shader,
    conditions: Object.fromEntries(kernel.conditions.map((condition) => [condition, true])),
    constants: Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, literal(value)])),
    keepComments: false,
    sourceMap: false,
  });
  return withoutStandIns(linked.dest, shaders["subgroup_matrix.wgsl"]);
}

/** The names that `declared` lists are WGSL's own: without their declarations that is what they mean. */
function withoutStandIns(wgsl: string, declared: string): string {
  const standIns = declared.match(/^const \w+ = 0;$/gm) ?? [];
  return standIns.reduce((text, declaration) => text.replace(declaration, ""), wgsl);
}

/** A large number without point or exponent would read as an integer, and be out of range. */
function literal(value: number): string {
  return Math.abs(value) < 2 ** 31 ? String(value) : value.toExponential();
}
