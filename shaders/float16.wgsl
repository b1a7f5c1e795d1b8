// f32 to f16. WGSL leaves open what becomes of a number too large for f16; here it becomes infinite, because that is how an
// overflow is noticed that loss scaling must answer.
enable f16;

fn to_half(value: vec4f) -> vec4h {
  let bits = bitcast<vec4u>(value);
  let size = bits & vec4u(0x7fffffff);
  // From 65520, which is halfway from the largest half to the next power of two, to infinity: NaN is left alone.
  let too_large = (size >= vec4u(0x477ff000)) & (size <= vec4u(0x7f800000));
  let infinity = ((bits >> vec4u(16)) & vec4u(0x8000)) | vec4u(0x7c00);
  let infinite = vec4h(
    bitcast<vec2h>(infinity.x | (infinity.y << 16)),
    bitcast<vec2h>(infinity.z | (infinity.w << 16))
  );
  return select(vec4h(value), infinite, too_large);
}
