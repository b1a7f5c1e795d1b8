/** Bytes. Areas of shared memory begin at multiples of it. */
export const PAGE = 16_384;
