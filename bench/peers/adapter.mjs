/** Gives Node what a page has, `navigator.gpu` and the WebGPU globals, through Dawn: with one adapter in it, by name. */
import { create, globals } from "webgpu";

export function offerAdapter(name) {
  Object.assign(globalThis, globals);
  const gpu = create([`adapter=${name}`]);
  const userAgent = "node";
  Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent }, configurable: true });
}
