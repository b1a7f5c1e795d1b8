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
  changed_.notify_one();
}

void Queue::close() {
  team_.cancel();
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_one();
}

void Queue::work() {
  for (;;) {
    Entry entry;
    bool cancelled;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closed_ || !entries_.empty(); });
      if (entries_.empty()) return;
      entry = std::move(entries_.front());
      entries_.pop_front();
      cancelled = closed_;
    }
    entry.command(team_, cancelled);
    // Lets go of the memory that the command held before it counts as finished.
    entry.command = nullptr;
    bool empty;
    {
      const std::lock_guard lock(mutex_);
      empty = entries_.empty();
      finished_.fetch_add(1, std::memory_order_release);
    }
    if (empty || entry.announced) progress_();
  }
}

}  // namespace dawnpour
