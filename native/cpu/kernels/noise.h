// Random numbers by counter: Philox 4x32-10, as in src/program/philox.ts, for a run of columns of one row.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels.h"

namespace {

using dawnpour::Distribution;
using dawnpour::NoiseAt;

/// Counters that are computed at once, each in a lane of its own. The loops over the lanes are plain, and compilers vectorise them.
constexpr size_t NOISE_LANES = 16;

struct NoiseWords {
  uint32_t words[4][NOISE_LANES];
};

inline NoiseWords philox(const NoiseAt& at, uint32_t firstBlock) {
  NoiseWords c;
  for (size_t i = 0; i < NOISE_LANES; ++i) {
    c.words[0][i] = firstBlock + static_cast<uint32_t>(i);
    c.words[1][i] = at.row;
    c.words[2][i] = at.step;
    c.words[3][i] = at.stream;
  }
  uint32_t key0 = at.key[0], key1 = at.key[1];
  for (int round = 0; round < 10; ++round) {
    for (size_t i = 0; i < NOISE_LANES; ++i) {
      const uint64_t first = uint64_t{0xd2511f53} * c.words[0][i], second = uint64_t{0xcd9e8d57} * c.words[2][i];
      c.words[0][i] = static_cast<uint32_t>(second >> 32) ^ c.words[1][i] ^ key0;
      c.words[1][i] = static_cast<uint32_t>(second);
      c.words[2][i] = static_cast<uint32_t>(first >> 32) ^ c.words[3][i] ^ key1;
      c.words[3][i] = static_cast<uint32_t>(first);
    }
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  return c;
}

/// The upper 24 bits of a word as a number in [0, 1). It is exact.
inline float noiseFraction(uint32_t word) { return static_cast<float>(static_cast<int32_t>(word >> 8)) * 0x1p-24f; }

/// log(x) for x in [2^-24, 1]: x = m 2^e with m near 1, log(m) = 2 artanh((m - 1) / (m + 1)).
inline float noiseLog(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const int32_t exponent = (bits - 0x3f3504f3) >> 23;
  bits -= exponent * (1 << 23);
  float m;
  memcpy(&m, &bits, sizeof m);
  const float s = (m - 1.0f) / (m + 1.0f), square = s * s;
  const float series = 1.0f + square * (1.0f / 3 + square * (1.0f / 5 + square * (1.0f / 7 + square * (1.0f / 9))));
  return static_cast<float>(exponent) * 0.693147181f + 2.0f * s * series;
}

/// Two normal numbers from two words (Box & Muller 1958). Integer arithmetic reduces the angle to at most an eighth of a circle.
inline void normalPair(uint32_t a, uint32_t b, float* cosine, float* sine) {
  const float radius = ::sqrtf(-2.0f * noiseLog(noiseFraction(a) + 0x1p-24f));
  const int32_t turn = static_cast<int32_t>(b >> 8), quarter = (turn + (1 << 21)) >> 22;
  const float x = static_cast<float>(turn - quarter * (1 << 22)) * 3.74507028e-7f, square = x * x;
  const float sin = x * (1.0f + square * (-1.0f / 6 + square * (1.0f / 120 + square * (-1.0f / 5040 + square * (1.0f / 362880)))));
  const float cos = 1.0f + square * (-0.5f + square * (1.0f / 24 + square * (-1.0f / 720 + square * (1.0f / 40320 - square * (1.0f / 3628800)))));
  const float c = quarter & 1 ? sin : cos, s = quarter & 1 ? cos : sin;
  *cosine = radius * (((quarter + 1) & 2) ? -c : c);
  *sine = radius * ((quarter & 2) ? -s : s);
}

void noise(Distribution distribution, const NoiseAt& at, float* out, size_t columns) {
  constexpr size_t run = 4 * NOISE_LANES;
  for (size_t first = 0; first < columns; first += run) {
    const NoiseWords c = philox(at, static_cast<uint32_t>(first / 4));
    float numbers[4][NOISE_LANES];
    if (distribution == Distribution::uniform) {
      for (int k = 0; k < 4; ++k) {
        for (size_t i = 0; i < NOISE_LANES; ++i) numbers[k][i] = noiseFraction(c.words[k][i]);
      }
    } else {
      for (int k = 0; k < 4; k += 2) {
        for (size_t i = 0; i < NOISE_LANES; ++i) {
          normalPair(c.words[k][i], c.words[k + 1][i], &numbers[k][i], &numbers[k + 1][i]);
        }
      }
    }
    const size_t count = columns - first < run ? columns - first : run;
    for (size_t j = 0; j < count; ++j) out[first + j] = numbers[j % 4][j / 4];
  }
}

}  // namespace
