// Gradient descent on |x w - y|^2. One program is one step, and a device runs it 200 times: node examples/least-squares.mjs
import { differentiate, openDevice, ProgramBuilder } from "dawnpour/kernels";

const rows = 64;
const builder = new ProgramBuilder("least squares");
const x = builder.buffer("x", "f32", [rows, 2]);
const y = builder.buffer("y", "f32", [rows, 1]);
const w = builder.buffer("w", "f32", [2, 1]);
const product = builder.buffer("product", "f32", [rows, 1]);
const loss = builder.buffer("loss", "f32", [1]);
builder
  .gemm({ a: x, b: w, out: product })
  .loss({ loss: "mse", input: product, target: y, scale: 1 / rows, total: loss });
const [slope] = differentiate(builder, { of: loss, by: [w] });
const program = builder.add({ a: w, b: slope, factor: -0.5, out: w }).build();

const device = await openDevice();
const descent = await device.compile(program);
const points = Float32Array.from({ length: 2 * rows }, (_, i) => Math.sin(i * i));
descent.buffer("x").write(points);
descent.buffer("y").write(Float32Array.from({ length: rows }, (_, i) => 2 * points[2 * i] - 3 * points[2 * i + 1]));
descent.run(200);
const [solution, rest] = [await descent.buffer("w").read(), await descent.buffer("loss").read()];
console.log(`on ${device.info.name}: w = ${solution.join(", ")}; loss ${rest[0]}`);
device.destroy();
