/** Bytes of a page: areas of shared memory begin at multiples of it. It is a multiple of the page size of every system. */
export const PAGE = 16_384;
