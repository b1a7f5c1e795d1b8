/** How a stand-in for a device, an executable or a buffer ends: by a call, or at the end of a block. */
export function ending(destroy: () => void) {
  return { destroy, [Symbol.dispose]: destroy, [Symbol.asyncDispose]: async () => destroy() };
}
