// Prints the GPUs that a process sees, as one JSON line: the adapters of Dawn, the devices of the drivers, and a result that the
// default adapter computed.
import { physicalDevices } from "../../dist/device/physical.js";
import { listDevices, openDevice, ProgramBuilder } from "../../dist/kernels.js";

async function compute() {
  const builder = new ProgramBuilder("doubling");
  const [x, y] = [builder.buffer("x", "f32", [3]), builder.buffer("y", "f32", [3])];
  const device = await openDevice({ device: "webgpu" });
  const executable = await device.compile(builder.scale({ input: x, factor: 2, out: y }).build());
  executable.buffer("x").write(Float32Array.of(1, -2, 0.5));
  executable.run();
  const result = [...(await executable.buffer("y").read())];
  device.destroy();
  return result;
}

try {
  const computed = await compute();
  const adapters = (await listDevices()).filter(({ kind }) => kind === "webgpu").map(({ name }) => name);
  const devices = await physicalDevices();
  const [physical, names] = [devices.map(({ id }) => id), devices.map(({ name }) => name)];
  console.log(JSON.stringify({ adapters, physical, names, computed }));
} catch (error) {
  console.log(JSON.stringify({ error: error.name, message: error.message }));
}
