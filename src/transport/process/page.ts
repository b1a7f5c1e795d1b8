/** Parts of shared memory begin at multiples of so many bytes. */
export const PAGE = 16_384;
