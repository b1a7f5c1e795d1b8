// f32 to f16. WGSL does not define the result for a number that is too large for f16. Here the result is infinite, because loss
// scaling must notice the overflow.
enable f16;

fn to_half(value: vec4f) -> vec4h {
  let bits = bitcast<vec4u>(value);
  let size = bits & vec4u(0x7fffffff);
  // From 65520 on, halfway between the largest half and the next power of two, the result is infinite. NaN stays NaN.
  let too_large = (size >= vec4u(0x477ff000)) & (size <= vec4u(0x7f800000));
  let infinity = ((bits >> vec4u(16)) & vec4u(0x8000)) | vec4u(0x7c00);
  let infinite = vec4h(
    bitcast<vec2h>(infinity.x | (infinity.y << 16)),
    bitcast<vec2h>(infinity.z | (infinity.w << 16))
  );
  return select(vec4h(value), infinite, too_large);
}
