/** The end of a fake device, executable or buffer: by a call of `destroy`, or at the end of a `using` block. */
export function ending(destroy: () => void) {
  return { destroy, [Symbol.dispose]: destroy, [Symbol.asyncDispose]: async () => destroy() };
}
