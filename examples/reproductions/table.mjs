// What a reproduction prints: theirs beside ours, with the budget that ours had.

/** @param {string} title @param {readonly (readonly [what: string, theirs: string, ours: string])[]} rows @param {string} budget */
export function printTable(title, rows, budget) {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length), 8));
  const line = (cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join("  ")
      .trimEnd();
  console.log(title);
  console.log(line(["", "theirs", "ours"]));
  for (const row of rows) console.log(line(row));
  console.log(`budget: ${budget}\n`);
}

/** A short run, to see that all works: its figures are worse. */
export const isQuick = process.argv.includes("--quick");
