// Draws the curve of the loss, and rows of digits.

/** A point for each column of the canvas: the mean of the steps that fall on it. The top is the greatest of these. */
export function drawCurve(canvas, values) {
  const { width, height } = canvas;
  const points = Math.min(width, values.length);
  const means = Array.from({ length: points }, (_, i) => {
    const some = values.slice(Math.floor((i * values.length) / points), Math.floor(((i + 1) * values.length) / points));
    return some.reduce((sum, value) => sum + value, 0) / some.length;
  });
  const [least, most] = [Math.min(...means), Math.max(...means)];
  const margin = 10;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  context.beginPath();
  for (const [i, mean] of means.entries()) {
    const x = (i * width) / Math.max(1, points - 1);
    const y = margin + (height - 2 * margin) * ((most - mean) / Math.max(most - least, 1e-9));
    context.lineTo(x, y);
  }
  context.strokeStyle = getComputedStyle(canvas).color;
  context.lineWidth = 2;
  context.stroke();
}

/** Rows of pictures of 28 x 28 values from 0 to 1, black on white as ink. */
export function drawPictures(canvas, rows, side = 28) {
  const columns = rows[0].length / side ** 2;
  canvas.width = columns * side;
  canvas.height = rows.length * side;
  const context = canvas.getContext("2d");
  for (const [y, pixels] of rows.entries()) {
    for (let x = 0; x < columns; x++) {
      const image = context.createImageData(side, side);
      for (let i = 0; i < side ** 2; i++) {
        image.data.fill(255 * (1 - pixels[x * side ** 2 + i]), 4 * i, 4 * i + 3);
        image.data[4 * i + 3] = 255;
      }
      context.putImageData(image, x * side, y * side);
    }
  }
}
