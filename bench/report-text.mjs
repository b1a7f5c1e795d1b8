/** Results as the text of a file: JSON with each case on one line. */

export function reportText({ devices, ...run }) {
  const head = JSON.stringify(run, rounded).slice(0, -1);
  return `${head},\n"devices": [${devices.map(deviceText).join(",")}]}\n`;
}

function deviceText({ results, ...device }) {
  const head = JSON.stringify(device, rounded).slice(0, -1);
  const lines = results.map((result) => JSON.stringify(result, rounded));
  return `\n${head},\n"results": [\n${lines.join(",\n")}\n]}`;
}

/** Times vary by more than the fourth digit. */
function rounded(_key, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
