// What the CPU can do at most, in single precision: multiply-adds on registers alone, and a triad over memory
// (McCalpin 1995), on as many threads as the argument says. Prints {"gflops", "gbps"}, the best of several trials.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif
constexpr int kLanes = kVectorBytes / sizeof(float);
using Vector __attribute__((vector_size(kVectorBytes))) = float;

// Enough independent sums to hide a latency of four cycles on two or three units.
constexpr int kSums = 12;
constexpr long kRounds = 4'000'000;
constexpr int kTrials = 7;
constexpr std::size_t kTriadElements = std::size_t{1} << 24;

volatile float sink;

void MultiplyAdd(float start) {
  Vector sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = Vector{} + static_cast<float>(i);
  const Vector scale = Vector{} + start;
  const Vector offset = Vector{} + (1 - start);
  for (long round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = sums[i] * scale + offset;
  }
  Vector total = {};
  for (const Vector& sum : sums) total += sum;
  sink = total[0];
}

double BestSeconds(int threads, const std::function<void(int)>& work) {
  double best = 1e9;
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> team;
    for (int i = 0; i < threads; ++i) team.emplace_back(work, i);
    for (auto& thread : team) thread.join();
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    best = std::min(best, passed.count());
  }
  return best;
}

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  const double arithmetic = BestSeconds(threads, [](int) { MultiplyAdd(0.5f); });
  const double flops = 2.0 * kLanes * kSums * kRounds * threads;

  std::vector<float> a(kTriadElements), b(kTriadElements, 1), c(kTriadElements, 2);
  const std::size_t share = kTriadElements / threads;
  const double memory = BestSeconds(threads, [&](int thread) {
    for (std::size_t i = thread * share; i < (thread + 1) * share; ++i) a[i] = b[i] + 3 * c[i];
  });
  sink = a[share / 2];
  const double bytes = 3.0 * sizeof(float) * share * threads;
  std::printf("{\"gflops\": %.1f, \"gbps\": %.1f}\n", flops / arithmetic / 1e9, bytes / memory / 1e9);
}
