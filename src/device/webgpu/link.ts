/**
 * Makes the WGSL of one kernel from its shader, the modules that the shader imports, its constants and conditions, and the
 * generated module `operands`. The shaders are written in WESL, an extension of WGSL with imports, `@if` and injected constants.
 */
import { link } from "wesl/core";
import { type Kernel, WORKGROUP } from "./kernel.js";
import { unroll } from "./unroll.js";

/** The texts of the files in shaders/, by their paths there. */
export type ShaderSources = Readonly<Record<string, string>>;

export async function linkKernel(
  shaders: ShaderSources,
  kernel: Kernel,
  operands: string,
  gridColumns: number,
): Promise<string> {
  const constants = { ...kernel.constants, WORKGROUP, GRID_X: gridColumns };
  const root = `${kernel.shader}.wgsl`;
  const texts = { ...shaders, ...kernel.modules };
  const linked = await link({
    weslSrc: { ...texts, [root]: unroll(texts[root], constants), "operands.wgsl": operands },
    rootModuleName: kernel.shader,
    conditions: Object.fromEntries(kernel.conditions.map((condition) => [condition, true])),
    constants: Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, literal(value)])),
    keepComments: false,
    sourceMap: false,
  });
  return withoutStandIns(linked.dest, shaders["products/subgroup_matrix.wgsl"]);
}

/** Removes the declarations that stand in for WGSL's own names, which `declared` lists; the names then mean WGSL's own again. */
function withoutStandIns(wgsl: string, declared: string): string {
  const standIns = declared.match(/^const \w+ = 0;$/gm) ?? [];
  return standIns.reduce((text, declaration) => text.replace(declaration, ""), wgsl);
}

/** A number as a literal. A large number gets an exponent: without one WGSL would read an integer, and find it out of range. */
function literal(value: number): string {
  return Math.abs(value) < 2 ** 31 ? String(value) : value.toExponential();
}
