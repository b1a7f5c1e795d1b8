/** Makes the kernel of a user's own op from its WGSL: the code reaches its operands by the names that they have in the op. */
import { elements, type View } from "../../../program/buffer.js";
import { ProgramError } from "../../../program/check.js";
import { type Op, ops } from "../../../program/op.js";
import { type Kernel, type Operand, workgroupsFor } from "../kernel.js";

/** The name of the module. */
const MODULE = "own";

export function lowerOwn(op: Op): Kernel {
  const definition = ops.get(op.kind);
  if (!definition.wgsl) throw new Error(`Invariant violation: webgpu device: ${op.kind} has no WGSL`);
  const { code, constants = {}, invocations, workgroups } = definition.wgsl(op);
  const count = invocations ?? workgroups;
  if (count === undefined || (invocations !== undefined && workgroups !== undefined)) {
    throw new ProgramError(`${op.kind}: its WGSL needs either invocations or workgroups: give one of them`);
  }
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new ProgramError(`${op.kind}: invocations and workgroups are whole numbers from 1, got ${count}`);
  }
  const operands = operandsOf(op, code);
  return {
    shader: MODULE,
    modules: { [`${MODULE}.wgsl`]: moduleText(code, Object.keys(constants), operands, invocations !== undefined) },
    constants: { ...constants, ...(invocations !== undefined && { INVOCATIONS: invocations }) },
    conditions: [],
    operands,
    workgroups: invocations === undefined ? count : workgroupsFor(count),
  };
}

/**
 * The operands by their names: the keys of the op, with a number where there are several at one key. What the code writes one by one cannot
 * be memory of vectors.
 */
function operandsOf(op: Op, code: string): Operand[] {
  const { reads, writes } = ops.get(op.kind).operands(op);
  return Object.entries(op).flatMap(([key, value]: [string, unknown]) => {
    const views = Array.isArray(value) ? value : [value];
    return views.flatMap((view: View, i): Operand[] => {
      const writable = writes.includes(view);
      if (!writable && !reads.includes(view)) return [];
      const name = Array.isArray(value) ? `${key}${i}` : key;
      return [{ name, view, writable, fours: elements(view) % 4 === 0 && !code.includes(`write_${name}(`) }];
    });
  });
}

function moduleText(code: string, constants: readonly string[], operands: readonly Operand[], calls: boolean): string {
  const names = ["WORKGROUP", ...(calls ? ["INVOCATIONS"] : []), ...constants];
  return [
    `import constants::{${names.join(", ")}};`,
    "import package::shared::grid::workgroup_index;",
    `import package::operands::{${operands.flatMap(accessorNames).join(", ")}};`,
    calls ? CALLS : "",
    code,
  ].join("\n");
}

function accessorNames({ name, view, writable, fours }: Operand): string[] {
  const read = [`read_${name}`, `read4_${name}`];
  if (!writable) return read;
  // A view of whole numbers is written one by one.
  if (view.type === "u32" || view.type === "u8") return [...read, `write_${name}`];
  return [...read, `write4_${name}`, ...(fours ? [] : [`write_${name}`])];
}

const CALLS = `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = workgroup_index(group) * WORKGROUP + thread;
  if (i < INVOCATIONS) {
    compute(i);
  }
}`;
