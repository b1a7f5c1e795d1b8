// The three ways in which ops other than the matrix product split their work. An op is one of these forms with a function for a
// range. Only the forms deal with threads.
#pragma once

#include <functional>
#include <vector>

#include "op.h"

namespace dawnpour {

/// Independent items: `body(begin, end)` does a range of them. `itemSize` is the number of elements of an item.
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

/// A sum: `part(begin, end)` gives the sum of each stretch of elements. These are added in order, and `finish` gets the result.
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

/// An op that is too small to split.
class Single : public Op {
 public:
  explicit Single(std::function<void()> body) : body_(std::move(body)) {}
  bool parallel() const override { return false; }
  void run(Worker) override { body_(); }

 private:
  std::function<void()> body_;
};

}  // namespace dawnpour
