// Random numbers as `RandomOp` (src/program/ops/random.ts) defines them: Philox 4x32-10 of the counter (group of four columns, row,
// step, STREAM), under the key of the seed. An invocation fills four columns of one row. Constants are signed numbers, which have
// the bits of the unsigned words.
import constants::{COLUMNS, GROUPS, KEY_HIGH, KEY_LOW, ROW, ROWS, STREAM, WORKGROUP};
import package::shared::grid::workgroup_index;
import package::operands::{read_position, write4_out};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let work = workgroup_index(group) * WORKGROUP + thread;
  let i = work / GROUPS;
  let block = work % GROUPS;
  if (i >= ROWS) {
    return;
  }
  let row = read_position(1u) + bitcast<u32>(i32(ROW)) + i;
  let words = philox(vec4u(block, row, read_position(0u), bitcast<u32>(i32(STREAM))));
  let column = 4 * block;
  @if(uniform) write4_out(i * COLUMNS + column, fraction(words), COLUMNS - column);
  @if(normal) write4_out(i * COLUMNS + column, normal(words), COLUMNS - column);
}

fn philox(counter: vec4u) -> vec4u {
  var c = counter;
  var key = vec2u(bitcast<u32>(i32(KEY_LOW)), bitcast<u32>(i32(KEY_HIGH)));
  for (var round = 0u; round < 10u; round++) {
    let first = product(0xd2511f53u, c.x);
    let second = product(0xcd9e8d57u, c.z);
    c = vec4u(second.y ^ c.y ^ key.x, second.x, first.y ^ c.w ^ key.y, first.x);
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// The product of two words: its lower word, then its upper word.
fn product(a: u32, b: u32) -> vec2u {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return vec2u(a * b, (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u));
}

// The upper 24 bits of each word as a number in [0, 1). It is exact.
fn fraction(words: vec4u) -> vec4f {
  return vec4f(words >> vec4u(8u)) * exp2_of_minus_24();
}

fn exp2_of_minus_24() -> f32 {
  return 0x1p-24;
}

// Two normal numbers from each pair of words (Box & Muller 1958).
fn normal(words: vec4u) -> vec4f {
  let sizes = fraction(words.xzxz) + exp2_of_minus_24();
  let radius = sqrt(-2.0 * logarithm(sizes)).xxyy;
  return radius * circle(words.yyww >> vec4u(8u));
}

// log(x) for x in [2^-24, 1]: x = m 2^e with m near 1, and log(m) = 2 artanh((m - 1) / (m + 1)).
fn logarithm(x: vec4f) -> vec4f {
  let bits = bitcast<vec4i>(x);
  let exponent = (bits - vec4i(0x3f3504f3)) >> vec4u(23u);
  let m = bitcast<vec4f>(bits - (exponent << vec4u(23u)));
  let s = (m - 1.0) / (m + 1.0);
  let square = s * s;
  let series = 1.0 + square * (1.0 / 3.0 + square * (1.0 / 5.0 + square * (1.0 / 7.0 + square * (1.0 / 9.0))));
  return vec4f(exponent) * 0.693147181 + 2.0 * s * series;
}

// The cosines of the first and third angle, and the sines of the second and fourth. An angle is a number of 2^-24 turns. Integer
// arithmetic reduces it to at most an eighth of a turn.
fn circle(turns: vec4u) -> vec4f {
  let turn = vec4i(turns);
  let quarter = (turn + vec4i(1 << 21u)) >> vec4u(22u);
  let x = vec4f(turn - (quarter << vec4u(22u))) * 3.74507028e-7;
  let square = x * x;
  let sine = x * (1.0 + square * (-1.0 / 6.0 + square * (1.0 / 120.0 + square * (-1.0 / 5040.0 + square * (1.0 / 362880.0)))));
  let cosine = 1.0 + square * (-0.5 + square * (1.0 / 24.0 + square * (-1.0 / 720.0 + square * (1.0 / 40320.0 - square * (1.0 / 3628800.0)))));
  // The cosine is the sine a quarter further.
  let phase = vec4u(quarter) + vec4u(1u, 0u, 1u, 0u);
  let value = select(sine, cosine, (phase & vec4u(1u)) == vec4u(1u));
  return select(value, -value, (phase & vec4u(2u)) == vec4u(2u));
}
