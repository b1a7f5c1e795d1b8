// The three ways in which ops other than the matrix product split their work. An op is one of these forms and a function
// for the inside; only the forms know threads.
#pragma once

#include <functional>
#include <vector>

#include "op.h"

namespace dawnpour {

/// Independent items: `body(begin, end)` does a range of them. `itemSize` is the number of elements an item stands for.
class ForEach : public Op {
 public:
  using Body = std::function<void(size_t begin, size_t end)>;
  /// `scratch` is the thread's own while it does its range: Team::OWN_SCRATCH floats that mean nothing at first.
  using BodyWithScratch = std::function<void(size_t begin, size_t end, float* scratch)>;
  ForEach(size_t items, size_t itemSize, Body body);
  ForEach(size_t items, size_t itemSize, BodyWithScratch body);
  bool parallel() const override;
  void run(Worker worker) override;

 private:
  size_t items_, perStretch_;
  BodyWithScratch body_;
};

/// A sum: `part(begin, end)` of each stretch of elements, added in order of the stretches and handed to `finish`.
class Sum : public Op {
 public:
  using Part = std::function<double(size_t begin, size_t end)>;
  using Finish = std::function<void(double sum)>;
  Sum(size_t count, Part part, Finish finish);
  bool parallel() const override;
  void run(Worker worker) override;

 private:
  size_t count_;
  Part part_;
  Finish finish_;
  std::vector<double> parts_;
};

/// Too small to split.
class Single : public Op {
 public:
  explicit Single(std::function<void()> body) : body_(std::move(body)) {}
  bool parallel() const override { return false; }
  void run(Worker) override { body_(); }

 private:
  std::function<void()> body_;
};

}  // namespace dawnpour
