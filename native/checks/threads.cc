// Uses the threads of the core without Node, because the thread sanitizer cannot check Node: teams and their barriers, ops and
// products, the queue, the collective, and the barrier of workers. Several threads must compute the bits of one.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "../collective/arrival.h"
#include "../collective/tree_sum.h"
#include "../cpu/products/dot_gemm.h"
#include "../cpu/program/executable.h"
#include "../cpu/threads/queue.h"
#include "../process/standard_error.h"
#include "bytes.h"

namespace {

/// Counts allocations. While a program runs, the helpers of a team must not allocate. The thread that called it may.
std::atomic<bool> watched{false};
thread_local bool watching = false;

}  // namespace

void* operator new(size_t bytes) {
  if (watched && !watching) {
    std::fprintf(stderr, "a thread of a team allocates %zu bytes\n", bytes);
    std::abort();
  }
  if (void* const memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace dawnpour {
namespace {

constexpr int THREADS = 4;

/// A matrix of random numbers in memory of its own.
struct Matrix {
  std::shared_ptr<Memory> memory;
  View view;

  Matrix(size_t rows, size_t columns, Type type = Type::f32)
      : memory(std::make_shared<Memory>(rows * columns * bytesOf(type))) {
    view.data = memory->data();
    view.type = type;
    view.rows = rows;
    view.columns = columns;
  }
  Matrix& random(const Kernels& kernels, uint32_t seed) {
    std::minstd_rand next(seed);
    std::vector<float> values(view.count());
    for (float& value : values) value = static_cast<float>(next() % 2001) / 1000 - 1;
    if (view.narrow()) {
      withNarrow(view, [&](auto type) {
        using T = decltype(type);
        kernels.narrowed<T>().narrow(values.data(), view.at<T>(), values.size());
      });
    } else {
      std::copy(values.begin(), values.end(), view.at());
    }
    return *this;
  }
  bool equals(const Matrix& other) const {
    return std::memcmp(view.data, other.view.data, view.count() * bytesOf(view.type)) == 0;
  }
};

void run(Team& team, std::vector<OpPointer> ops) {
  const Executable program(std::move(ops), {});
  watching = true;
  watched = true;
  program.run(team, 2);
  watched = false;
}

OpPointer product(const Arithmetic& arithmetic, const Matrix& a, const Matrix& b, const Matrix& out) {
  GemmOperands o;
  o.a = a.view;
  o.b = b.view;
  o.out = out.view;
  o.activation = Activation::relu;
  if (DotGemm::suits(arithmetic, o)) return std::make_unique<DotGemm>(arithmetic, o);
  return std::make_unique<Gemm>(arithmetic.kernels, o);
}

/// Two small steps of training: a product, a map with broadcast inputs, a loss, reductions, an update. Each op is just large enough
/// for several threads.
std::vector<Matrix> step(const Arithmetic& arithmetic, Team& team, Type type) {
  const Kernels& kernels = arithmetic.kernels;
  constexpr size_t ROWS = 130, COLUMNS = 140;
  Matrix a(66, 260, type), b(260, 70, type), x(ROWS, COLUMNS, type), row(1, COLUMNS, type), column(ROWS, 1, type);
  a.random(kernels, 1), b.random(kernels, 2), x.random(kernels, 3), row.random(kernels, 4), column.random(kernels, 5);
  std::vector<Matrix> made;
  for (const auto& [rows, columns] : std::vector<std::pair<size_t, size_t>>{
           {66, 70}, {ROWS, COLUMNS}, {ROWS, COLUMNS}, {1, 1}, {1, COLUMNS}, {1, COLUMNS}, {ROWS, 1}, {1, 1}}) {
    made.emplace_back(rows, columns);
  }
  const auto out = [&](size_t i) { return made[i].view; };
  Matrix rates(1, UPDATE_SCALARS), state(ROWS, COLUMNS);
  std::fill_n(rates.view.at(), UPDATE_SCALARS, 0.5f);
  std::vector<OpPointer> ops;
  ops.push_back(product(arithmetic, a, b, made[0]));
  MapOperands formula;
  formula.inputs = {x.view, row.view, column.view};
  formula.constants = {2.0f};
  formula.steps = {{MapFunction::add, 4, 0, 1, 0}, {MapFunction::mul, 4, 4, 2, 0}, {MapFunction::max, 5, 4, 3, 0}};
  formula.registers = 6;
  formula.out = out(1);
  ops.push_back(mapOp(kernels, std::move(formula)));
  ops.push_back(lossOp(kernels, Loss::mse, out(1), x.view, 0.5f, out(3), out(2), {}));
  ops.push_back(sumRowsOp(kernels, out(2), false, out(4)));
  ops.push_back(reduceOp(kernels, Reduction::mean, Reduced::rows, out(1), out(5)));
  ops.push_back(reduceOp(kernels, Reduction::max, Reduced::columns, out(1), out(6)));
  ops.push_back(normOp(kernels, out(2), out(7)));
  UpdateOperands update;
  update.rule = Rule::momentum;
  update.decay1 = 0.9;
  update.parameters = out(1);
  update.gradients = out(2);
  update.state[0] = state.view;
  update.scalars = rates.view;
  ops.push_back(updateOp(kernels, update));
  run(team, std::move(ops));
  return made;
}

void computeAsOneThread() {
  Team one(1), several(THREADS);
  for (const Kernels* const* kernels = availableKernels(); *kernels; ++kernels) {
    std::vector<Arithmetic> arithmetics{{**kernels}};
    for (const DotKernels* const* dot = availableDotKernels(**kernels); *dot; ++dot) {
      if ((*dot)->request()) arithmetics.push_back({**kernels, *dot, 2, true});
    }
    for (const Arithmetic& arithmetic : arithmetics) {
      for (const Type type : {Type::f32, Type::bf16}) {
        const auto expected = step(arithmetic, one, type), found = step(arithmetic, several, type);
        for (size_t i = 0; i < found.size(); ++i) HOLDS(found[i].equals(expected[i]));
      }
    }
  }
}

/// The queue runs commands in order. An exception cancels the commands after it. The queue can be closed with commands left.
void queueAndClose() {
  for (int i = 0; i < 50; ++i) {
    std::atomic<int> told{0};
    int done = 0;
    Queue queue(1 + i % 3, [&] { ++told; });
    for (int command = 0; command < 20; ++command) {
      queue.push([&done, command, i](Team& team, bool cancelled) {
        if (cancelled) return;
        team.run([](int) {});
        ++done;
        if (command == 10 && i % 2) throw std::runtime_error("as it should");
      }, command % 4 == 0);
    }
    if (i % 5 == 0) queue.close();
    while (queue.finished() < queue.pushed()) std::this_thread::yield();
    HOLDS(i % 5 == 0 || done == (i % 2 ? 11 : 20));
    HOLDS((queue.failure() != nullptr) == (i % 2 && done == 11));
  }
}

/// Threads that each add one range, as libuv's do, have the same sum as a team.
void sumInRanges() {
  Team team(THREADS);
  const Kernels& kernels = **availableKernels();
  constexpr size_t LENGTH = 20000, PARTS = 5;
  std::vector<Matrix> vectors;
  std::vector<const float*> parts;
  for (uint32_t i = 0; i < PARTS; ++i) {
    vectors.emplace_back(1, LENGTH);
    parts.push_back(vectors.back().random(kernels, i + 1).view.at());
  }
  Matrix first(1, LENGTH), second(1, LENGTH);
  const std::vector<Inspection> expected = TreeSum{&kernels, parts, first.view.at(), LENGTH}.by(team);
  const TreeSum sum{&kernels, parts, second.view.at(), LENGTH};
  std::vector<std::vector<Inspection>> ranges(THREADS);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < THREADS; ++thread) {
    threads.emplace_back([&, thread] {
      const Share share(LENGTH, thread, THREADS);
      ranges[static_cast<size_t>(thread)] = sum.range(share.begin, share.end);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<Inspection> found(PARTS);
  for (const auto& range : ranges) join(found, range);
  for (size_t part = 0; part < PARTS; ++part) HOLDS(found[part].checksum == expected[part].checksum);
  HOLDS(second.equals(first));
}

/// Workers pass the barrier in many rounds, while a coordinator closes it at some moment. All workers pass a round, or none does. A
/// worker that passes reads what the others wrote before they arrived.
void meetOrBeClosed() {
  std::minstd_rand random(1);
  for (int attempt = 0; attempt < 40; ++attempt) {
    alignas(64) std::byte memory[Barrier::BYTES]{};
    const Barrier barrier(memory);
    uint64_t checksums[2][THREADS]{};
    double losses[2][THREADS]{};
    std::atomic<uint32_t> passed[THREADS]{};
    const uint32_t number = barrier.open(7);
    const auto work = [&](uint32_t worker) {
      for (uint32_t round = 7; round < 207; ++round) {
        const Arrival arrival{barrier, &checksums[round % 2][worker], &losses[round % 2][worker], number, round, THREADS, 10000};
        if (!arrival.pass(round * 10 + worker, round)) return;
        for (uint32_t other = 0; other < THREADS; ++other) {
          HOLDS(checksums[round % 2][other] == round * 10 + other && losses[round % 2][other] == round);
        }
        passed[worker] = round;
      }
    };
    std::vector<std::thread> threads;
    for (uint32_t worker = 0; worker < THREADS; ++worker) threads.emplace_back(work, worker);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
    if (attempt % 4) barrier.close(number);
    for (std::thread& thread : threads) thread.join();
    for (const std::atomic<uint32_t>& round : passed) HOLDS(round == passed[0] && (attempt % 4 || round == 206));
  }
}

/// Several threads divert standard error at once. Only one of them diverts it; the work of all must run.
void divertAtOnce() {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < THREADS; ++thread) {
    threads.emplace_back([] {
      for (int i = 0; i < 100; ++i) withoutStandardError([] { (void)!write(STDERR_FILENO, "x", 0); });
    });
  }
  for (std::thread& thread : threads) thread.join();
}

/// Listing the units must not request one: once Linux saves the tiles, signal handlers need larger stacks.
void listWithoutAsking() {
#if defined(__linux__) && defined(__x86_64__)
  constexpr long GRANTED = 0x1022;
  constexpr uint64_t TILE_DATA = uint64_t{1} << 18;
  uint64_t before = 0, after = 0;
  if (syscall(SYS_arch_prctl, GRANTED, &before) != 0 || (before & TILE_DATA)) return;
  for (const Kernels* const* kernels = availableKernels(); *kernels; ++kernels) (void)availableDotKernels(**kernels);
  HOLDS(syscall(SYS_arch_prctl, GRANTED, &after) == 0 && after == before);
#endif
}

}  // namespace
}  // namespace dawnpour

int main() {
  const auto check = [](const char* name, void (*body)()) {
    body();
    std::printf("%s\n", name);
    std::fflush(stdout);
  };
  check("listing the units requests none", dawnpour::listWithoutAsking);
  check("several threads compute the bits of one, and allocate nothing", dawnpour::computeAsOneThread);
  check("commands of a queue", dawnpour::queueAndClose);
  check("ranges of a sum", dawnpour::sumInRanges);
  check("the barrier of workers", dawnpour::meetOrBeClosed);
  check("standard error, diverted by several threads at once", dawnpour::divertAtOnce);
  return 0;
}
