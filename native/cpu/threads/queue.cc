#include "queue.h"

#include <system_error>

#include "../../refused.h"

namespace dawnpour {

Queue::Queue(int threads, std::function<void()> progress) : team_(threads), progress_(std::move(progress)) {
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    throw ThreadRefused(threads, threads);
  }
}

Queue::~Queue() {
  close();
  thread_.join();
}

void Queue::push(Command command, bool announced) {
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back({std::move(command), announced});
  }
  // Counted last: if there was no memory for the entry, nothing was pushed.
  ++pushed_;
  changed();
}

void Queue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  // Cancelled after `closed_` is set: the commands after one that is cut short must not run on its incomplete results.
  team_.cancel();
  changed();
}

std::exception_ptr Queue::failure() {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Queue::changed() {
  changes_.fetch_add(1, std::memory_order_release);
  changes_.notify_one();
}

void Queue::work() {
  for (;;) {
    const uint32_t seen = changes_.load(std::memory_order_acquire);
    Entry entry;
    bool cancelled, closed, empty;
    {
      const std::lock_guard lock(mutex_);
      cancelled = closed_ || failure_;
      closed = closed_;
      empty = entries_.empty();
      if (!empty) {
        entry = std::move(entries_.front());
        entries_.pop_front();
      }
    }
    if (empty && closed) return;
    if (empty) {
      changes_.wait(seen, std::memory_order_acquire);
      continue;
    }
    carryOut(entry.command, cancelled);
    // Releases the command's memory before the command counts as finished.
    entry.command = nullptr;
    {
      const std::lock_guard lock(mutex_);
      empty = entries_.empty();
      finished_.fetch_add(1, std::memory_order_release);
    }
    if (empty || entry.announced) progress_();
  }
}

/// Commands after one that failed are cancelled: they must not run on its incomplete results.
void Queue::carryOut(const Command& command, bool cancelled) {
  try {
    command(team_, cancelled);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
}

}  // namespace dawnpour
