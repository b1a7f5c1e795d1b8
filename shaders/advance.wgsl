// cursor += 1. It is the last dispatch of a step, so the next step reads the next entries of its tables.
import package::operands::{read_cursor, write_cursor};

@compute @workgroup_size(1)
fn main() {
  write_cursor(0, read_cursor(0) + 1);
}
