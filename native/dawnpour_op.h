/* The C interface of a native kernel of your own op: what `native` of an OpDefinition names. C and C++ can include this file. */
#ifndef DAWNPOUR_OP_H
#define DAWNPOUR_OP_H

#include <stdint.h>

/* What the elements of a view are. f16 and bf16 are 16 bits each. */
enum dawnpour_type { DAWNPOUR_F32, DAWNPOUR_F16, DAWNPOUR_BF16, DAWNPOUR_U32, DAWNPOUR_U8 };

/* A dense matrix in row-major order. */
struct dawnpour_view {
  void *data;
  uint64_t rows, columns;
  enum dawnpour_type type;
};

/*
 * Computes the items [first, end) of the op. `views` and `numbers` are those that the definition names, in its order. Several threads call
 * it at a time, each for other items. So it may write only what belongs to its items, must not throw, and gives the same bits for any split.
 */
typedef void dawnpour_op(const struct dawnpour_view *views, const double *numbers, uint64_t first, uint64_t end);

#endif
