/** Gives Node `navigator.gpu` and the WebGPU globals of a browser, through Dawn. It offers only the adapter of this name. */
import { create, globals } from "webgpu";

export function offerAdapter(name) {
  Object.assign(globalThis, globals);
  const gpu = create([`adapter=${name}`]);
  const userAgent = "node";
  Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent }, configurable: true });
}
