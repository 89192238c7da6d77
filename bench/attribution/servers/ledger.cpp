#include "servers/ledger.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>

namespace attribution {
namespace {

constexpr std::size_t run_bytes = 4096;

std::mutex mutex;  // guards all ledgers
ledger* first = nullptr;

}  // namespace

ledger::ledger(true_owner whose) noexcept : whose_(whose) {
  const std::lock_guard guard(mutex);
  next_ = first;
  from_ = &first;
  if (next_ != nullptr) next_->from_ = &next_;
  first = this;
}

ledger::~ledger() {
  {
    const std::lock_guard guard(mutex);
    *from_ = next_;
    if (next_ != nullptr) next_->from_ = from_;
  }
  for (std::size_t i = 0; i < count_; ++i) std::free(entries_[i].block);
}

void* ledger::allocate(std::size_t size_bytes, io contact) {
  void* const block = std::malloc(size_bytes);
  const std::lock_guard guard(mutex);
  if (block == nullptr || count_ == entries_.size()) std::abort();
  entries_[count_++] = {block, size_bytes, contact};
  return block;
}

ledger::entry& ledger::find(const void* block) {
  entry* const end = entries_.data() + count_;
  entry* const found =
      std::find_if(entries_.data(), end, [=](const entry& each) { return each.block == block; });
  if (found == end) std::abort();
  return *found;
}

void* ledger::grow(void* block, std::size_t size_bytes) {
  const std::lock_guard guard(mutex);
  entry& grown = find(block);
  grown.block = std::realloc(block, size_bytes);
  if (grown.block == nullptr) std::abort();
  grown.size_bytes = size_bytes;
  return grown.block;
}

void ledger::free(void* block) {
  if (block == nullptr) return;
  {
    const std::lock_guard guard(mutex);
    entry& freed = find(block);
    freed = entries_[--count_];
  }
  std::free(block);
}

connarena_t ledger::expected() const {
  return whose_.fd >= 0 ? connarena_of_fd(whose_.fd) : whose_.arena;
}

void ledger::add_to(sample& sums) const {
  const bool is_shared = whose_.fd < 0 && whose_.arena == 0;
  const connarena_t truth = expected();
  for (std::size_t i = 0; i < count_; ++i) {
    const entry& each = entries_[i];
    const std::size_t kind =
        (each.size_bytes < run_bytes ? 2 : 0) + (each.contact == io::untouched ? 1 : 0);
    const connarena_t owner = connarena_of(each.block);
    tally& sum = sums[kind];
    if (owner == truth && (truth != 0 || is_shared)) {
      sum.right += each.size_bytes;
    } else {
      (owner != 0 ? sum.wrong : sum.nobody) += each.size_bytes;
    }
  }
}

sample take_sample() {
  const std::lock_guard guard(mutex);
  sample sums{};
  for (const ledger* each = first; each != nullptr; each = each->next_) each->add_to(sums);
  return sums;
}

}  // namespace attribution
