// Drives a fuzz target where the compiler has no libFuzzer: with the given files, or for some seconds with random bytes from a
// seed. It takes the options of libFuzzer that `native:sanitize` uses. Like libFuzzer it keeps the input of a crash in a file.
//   fuzz_program -max_total_time=60 -seed=1 -artifact_prefix=FOLDER/     or     fuzz_program FILE...
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::vector<uint8_t>;

Input read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Input(std::istreambuf_iterator<char>(file), {});
}

/// Writes the input to a file before it is tried, so a crash leaves the file behind.
void keep(const std::string& path, const Input& input) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(input.data()), static_cast<long>(input.size()));
}

/// Random bytes. Most are small, because small numbers choose between cases. Sometimes one byte is repeated many times.
Input randomInput(std::mt19937_64& random) {
  Input input(random() % 2048);
  const bool small = random() % 4 != 0;
  for (uint8_t& byte : input) byte = static_cast<uint8_t>(small && random() % 2 ? random() % 4 : random());
  return input;
}

}  // namespace

int main(int count, char** words) {
  double seconds = 60;
  uint64_t seed = 1;
  std::string folder = "./";
  int files = 0;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto value = [&](const std::string& name) { return word.rfind(name, 0) == 0 ? word.substr(name.size()) : ""; };
    if (const std::string text = value("-max_total_time="); !text.empty()) seconds = std::stod(text);
    else if (const std::string text = value("-seed="); !text.empty()) seed = std::stoull(text);
    else if (const std::string text = value("-artifact_prefix="); !text.empty()) folder = text;
    else if (word[0] != '-' && ++files) {
      const Input input = read(word);
      LLVMFuzzerTestOneInput(input.data(), input.size());
    }
  }
  if (files > 0) return 0;

  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  std::mt19937_64 random(seed);
  const std::string path = folder + "crash-last";
  uint64_t runs = 0;
  for (; Clock::now() < end; ++runs) {
    const Input input = randomInput(random);
    keep(path, input);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::remove(path.c_str());
  std::fprintf(stderr, "Done %llu runs\n", static_cast<unsigned long long>(runs));
  return 0;
}
