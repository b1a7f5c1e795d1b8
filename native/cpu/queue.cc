#include "queue.h"

namespace dawnpour {

Queue::Queue(int threads, std::function<void()> progress)
    : team_(threads), progress_(std::move(progress)), thread_([this] { work(); }) {}

Queue::~Queue() {
  close();
  thread_.join();
}

void Queue::push(Command command, bool announced) {
  ++pushed_;
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back({std::move(command), announced});
  }
  changed();
}

void Queue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  // After that: what follows a command that was cut short must not be done with what it left.
  team_.cancel();
  changed();
}

void Queue::changed() {
  changes_.fetch_add(1, std::memory_order_release);
  changes_.notify_one();
}

void Queue::work() {
  for (;;) {
    const uint32_t seen = changes_.load(std::memory_order_acquire);
    Entry entry;
    bool cancelled, empty;
    {
      const std::lock_guard lock(mutex_);
      cancelled = closed_;
      empty = entries_.empty();
      if (!empty) {
        entry = std::move(entries_.front());
        entries_.pop_front();
      }
    }
    if (empty && cancelled) return;
    if (empty) {
      changes_.wait(seen, std::memory_order_acquire);
      continue;
    }
    entry.command(team_, cancelled);
    // Lets go of the memory that the command held before it counts as finished.
    entry.command = nullptr;
    {
      const std::lock_guard lock(mutex_);
      empty = entries_.empty();
      finished_.fetch_add(1, std::memory_order_release);
    }
    if (empty || entry.announced) progress_();
  }
}

}  // namespace dawnpour
