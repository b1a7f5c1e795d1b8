/** Results as a file: JSON with one case a line. */

export function reportText({ devices, ...run }) {
  const head = JSON.stringify(run, rounded).slice(0, -1);
  return `${head},\n"devices": [${devices.map(deviceText).join(",")}]}\n`;
}

function deviceText({ results, ...device }) {
  const head = JSON.stringify(device, rounded).slice(0, -1);
  const lines = results.map((result) => JSON.stringify(result, rounded));
  return `\n${head},\n"results": [\n${lines.join(",\n")}\n]}`;
}

/** Four digits are more than a time is worth. */
function rounded(_key, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
