/**
 * Writes `generated/names.h`: the names and numbers that TypeScript and C++ share, from the tables of `src/program`. The file
 * is checked in, so that node-gyp needs no TypeScript. `npm run generate` writes it again, and a test fails if it is outdated.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const GENERATED = fileURLToPath(new URL("./generated/names.h", import.meta.url));

/** `leaky-relu` -> `leakyRelu` */
const identifier = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

function enumeration(type, constant, names) {
  return `enum class ${type} : int { ${names.map(identifier).join(", ")} };
inline constexpr const char* ${constant}[] = {${names.map((name) => `"${name}"`).join(", ")}};
`;
}

/** The text of the header. `tables` are the exports of `src/program/op.ts` and `src/program/buffer.ts`. */
export function namesHeader(tables) {
  const {
    BYTES_PER_ELEMENT,
    OP_KINDS,
    ACTIVATIONS,
    LOSSES,
    UPDATE_RULES,
    UPDATE_SCALARS,
    updateRules,
    FUNCTION_NAMES,
    REDUCTIONS,
    REDUCED,
    DISTRIBUTIONS,
    LEAKY_SLOPE,
    LOSS_SCALES,
  } = tables;
  const types = Object.entries(BYTES_PER_ELEMENT);
  return `// Names and numbers that TypeScript and C++ share. Made by native/generate.mjs. Run \`npm run generate\` after a change to the
// tables of src/program.
#pragma once

#include <cstddef>

namespace dawnpour {

/// The types of a buffer's elements, as \`ElementType\` of buffer.ts, and the bytes of each.
${enumeration("Type", "TYPES", Object.keys(BYTES_PER_ELEMENT))}inline constexpr size_t TYPE_BYTES[] = {${types.map(([, bytes]) => bytes).join(", ")}};

/// The kinds of ops, as in op.ts.
${enumeration("OpKind", "OP_KINDS", OP_KINDS)}
${enumeration("Activation", "ACTIVATIONS", ACTIVATIONS)}
${enumeration("Loss", "LOSSES", LOSSES)}
${enumeration("Rule", "RULES", UPDATE_RULES)}/// The number of state slots of each rule.
inline constexpr int RULE_SLOTS[] = {${UPDATE_RULES.map((name) => updateRules.get(name).state.length).join(", ")}};
inline constexpr size_t UPDATE_SCALARS = ${UPDATE_SCALARS};

${enumeration("Reduction", "REDUCTIONS", REDUCTIONS)}${enumeration("Reduced", "REDUCED", REDUCED)}${enumeration("Distribution", "DISTRIBUTIONS", DISTRIBUTIONS)}
/// The functions of expressions, as in expression/functions.ts.
${enumeration("MapFunction", "MAP_FUNCTIONS", FUNCTION_NAMES)}
inline constexpr float LEAKY_SLOPE = ${LEAKY_SLOPE}f;
inline constexpr float LEAST_LOSS_SCALE = ${LOSS_SCALES[0]}, GREATEST_LOSS_SCALE = ${LOSS_SCALES[1]};

}  // namespace dawnpour
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const program = (file) => import(new URL(`../dist/program/${file}.js`, import.meta.url).href);
  const header = namesHeader({ ...(await program("op")), ...(await program("buffer")) });
  if ((await readFile(GENERATED, "utf8").catch(() => "")) !== header) await writeFile(GENERATED, header);
}
