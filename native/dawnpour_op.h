/* The C interface of a native kernel for your own op, which `native` in an OpDefinition names. C and C++ can include this file. */
#ifndef DAWNPOUR_OP_H
#define DAWNPOUR_OP_H

#include <stdint.h>

/* The type of the elements of a view. f16 and bf16 are 16 bits each. */
enum dawnpour_type { DAWNPOUR_F32, DAWNPOUR_F16, DAWNPOUR_BF16, DAWNPOUR_U32, DAWNPOUR_U8 };

/* A dense matrix in row-major order. */
struct dawnpour_view {
  void *data;
  uint64_t rows, columns;
  enum dawnpour_type type;
};

/*
 * Computes the items [first, end) of the op. `views` and `numbers` are those that the definition lists, in the same order. Several
 * threads call the function at a time, each for other items. So it writes only elements of its own items, and its bits do not
 * depend on how the items are split. It must not throw.
 */
typedef void dawnpour_op(const struct dawnpour_view *views, const double *numbers, uint64_t first, uint64_t end);

#endif
