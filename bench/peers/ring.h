// The ring of records between one producer and one consumer, in C++: the same bytes in the same places as a region of kind `ring`
// of a slab, so that a benchmark compares two languages and nothing else.
#ifndef METABONK_BENCH_PEERS_RING_H
#define METABONK_BENCH_PEERS_RING_H

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>

#include "../../native/src/slab_layout.h"

namespace metabonk::bench {

#if defined(MUTANT)
// A tail that orders nothing, which a race detector has to see. It is volatile so that a waiting loop ends all the same.
class Tail {
 public:
  uint32_t load(std::memory_order) const { return value_; }
  void store(uint32_t value, std::memory_order) { value_ = value; }

 private:
  volatile uint32_t value_ = 0;
};
#else
using Tail = std::atomic<uint32_t>;
#endif

constexpr size_t lineBytes = 64;

// Written once.
struct alignas(lineBytes) RingForm {
  uint32_t magic = METABONK_RING_MAGIC;
  uint32_t version = METABONK_RING_VERSION;
  uint32_t form = METABONK_FORM_RECORDS;
  uint32_t recordBytes = 0;
  uint32_t capacity = 0;
  uint32_t schemaLow = 0;
  uint32_t schemaHigh = 0;
};

// Written by the producer only.
struct alignas(lineBytes) ProducerLine {
  Tail tail{};
  std::atomic<uint32_t> state{0};
  uint32_t pid = 0;
  uint32_t reserved = 0;
  double messages = 0;
  double bytes = 0;
  double stalls = 0;
  double drops = 0;
};

// Written by the consumer only.
struct alignas(lineBytes) ConsumerLine {
  std::atomic<uint32_t> head{0};
  std::atomic<uint32_t> state{0};
  uint32_t pid = 0;
  uint32_t reserved = 0;
  double messages = 0;
  double highWater = 0;
};

struct alignas(lineBytes) RingHeader {
  RingForm form;
  ProducerLine producer;
  ConsumerLine consumer;
  alignas(lineBytes) unsigned char reserved[lineBytes] = {};
};

static_assert(offsetof(RingForm, capacity) == 4 * METABONK_RING_WORD_CAPACITY && offsetof(RingForm, schemaHigh) == 4 * METABONK_RING_WORD_SCHEMA_HIGH);
static_assert(offsetof(RingHeader, producer) == 4 * METABONK_RING_LINE_WORD_PRODUCER && offsetof(RingHeader, consumer) == 4 * METABONK_RING_LINE_WORD_CONSUMER);
static_assert(offsetof(ProducerLine, state) == 4 * METABONK_RING_SIDE_WORD_STATE && offsetof(ConsumerLine, pid) == 4 * METABONK_RING_SIDE_WORD_PID);
static_assert(offsetof(RingHeader, producer) + offsetof(ProducerLine, messages) == 8 * METABONK_RING_COUNTER_DOUBLE_MESSAGES);
static_assert(offsetof(RingHeader, producer) + offsetof(ProducerLine, drops) == 8 * METABONK_RING_COUNTER_DOUBLE_DROPS);
static_assert(offsetof(RingHeader, consumer) + offsetof(ConsumerLine, messages) == 8 * METABONK_RING_COUNTER_DOUBLE_TAKEN);
static_assert(offsetof(RingHeader, consumer) + offsetof(ConsumerLine, highWater) == 8 * METABONK_RING_COUNTER_DOUBLE_HIGH_WATER);
static_assert(sizeof(RingHeader) == METABONK_RING_HEADER_BYTES);
static_assert(std::atomic<uint32_t>::is_always_lock_free && sizeof(std::atomic<uint32_t>) == 4 && sizeof(Tail) == 4);

// Lets the other thread go on: the core's own hint at first, the scheduler when that did not do.
class Spin {
 public:
  void once() {
    if (++spins_ % spinsPerYield == 0) {
      std::this_thread::yield();
      return;
    }
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }

 private:
  static constexpr uint32_t spinsPerYield = 1 << 14;
  uint32_t spins_ = 0;
};

// The ring's memory. `capacity` is a power of two, `recordBytes` a multiple of 8.
template <uint32_t recordBytes>
class Ring {
  static_assert(recordBytes % 8 == 0);

 public:
  explicit Ring(uint32_t capacity) : mask_(capacity - 1) {
    const size_t dataBytes = (size_t{capacity} * recordBytes + lineBytes - 1) / lineBytes * lineBytes;
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(lineBytes, sizeof(RingHeader) + dataBytes)));
    if (!memory_) throw std::bad_alloc();
    header_ = new (memory_.get()) RingHeader();
    header_->form.recordBytes = recordBytes;
    header_->form.capacity = capacity;
    std::fill_n(memory_.get() + sizeof(RingHeader), dataBytes, std::byte{0});
  }

  RingHeader& header() { return *header_; }
  uint32_t capacity() const { return mask_ + 1; }
  std::byte* record(uint32_t index) { return memory_.get() + sizeof(RingHeader) + size_t{index & mask_} * recordBytes; }
  // Records from an index to the end of the memory.
  uint32_t untilEnd(uint32_t index) const { return capacity() - (index & mask_); }

 private:
  struct Release {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  uint32_t mask_;
  std::unique_ptr<std::byte, Release> memory_;
  RingHeader* header_;
};

// Records that lie side by side; none when `count` is 0.
struct Batch {
  std::byte* at;
  uint32_t count;
};

// Bytes that a side brings near at once, at most.
constexpr size_t nearBytesMax = 32'768;

// The writing side; belongs on the stack of its thread, where the other never looks.
template <uint32_t recordBytes>
class Producer {
 public:
  explicit Producer(Ring<recordBytes>& ring) : ring_(ring), line_(ring.header().producer) { line_.state.store(uint32_t{METABONK_SIDE_OPEN}, std::memory_order_release); }

  // Records to write, at least one and at most `wanted`; waits for room.
  Batch claim(uint32_t wanted) {
    uint32_t room = ring_.capacity() - (tail_ - head_);
    if (room < wanted) room = look(room);
    const Batch batch{ring_.record(tail_), std::min({wanted, room, ring_.untilEnd(tail_)})};
    // Lines that the consumer has had last come to this core all at once: see bringNear of the original.
    const size_t bytes = std::min(nearBytesMax, size_t{batch.count} * recordBytes);
    for (size_t byte = 0; byte < bytes; byte += lineBytes) *reinterpret_cast<volatile uint32_t*>(batch.at + byte) = 0;
    return batch;
  }

  void publish(uint32_t count) {
    tail_ += count;
    line_.messages += count;
    line_.bytes += double{recordBytes} * count;
    line_.tail.store(tail_, std::memory_order_release);
  }

 private:
  // Looks at the consumer's line, and waits when there is no room at all.
  uint32_t look(uint32_t room) {
    const auto& head = ring_.header().consumer.head;
    head_ = head.load(std::memory_order_acquire);
    room = ring_.capacity() - (tail_ - head_);
    if (room > 0) return room;
    line_.stalls += 1;
    for (Spin spin; room == 0; spin.once()) {
      head_ = head.load(std::memory_order_acquire);
      room = ring_.capacity() - (tail_ - head_);
    }
    return room;
  }

  Ring<recordBytes>& ring_;
  ProducerLine& line_;
  uint32_t tail_ = 0;
  uint32_t head_ = 0;
};

// The reading side; belongs on the stack of its thread.
template <uint32_t recordBytes>
class Consumer {
 public:
  explicit Consumer(Ring<recordBytes>& ring) : ring_(ring), line_(ring.header().consumer) { line_.state.store(uint32_t{METABONK_SIDE_OPEN}, std::memory_order_release); }

  // Records to read, at least one and at most `wanted`; waits for them.
  Batch claim(uint32_t wanted) {
    uint32_t ready = tail_ - head_;
    for (Spin spin; ready == 0; ready = tail_ - head_) {
      tail_ = ring_.header().producer.tail.load(std::memory_order_acquire);
      if (tail_ == head_) spin.once();
    }
    const Batch batch{ring_.record(head_), std::min({wanted, ready, ring_.untilEnd(head_)})};
    const size_t bytes = std::min(nearBytesMax, size_t{batch.count} * recordBytes);
    for (size_t byte = 0; byte < bytes; byte += lineBytes) static_cast<void>(*reinterpret_cast<const volatile uint32_t*>(batch.at + byte));
    return batch;
  }

  // Gives the records back to the producer.
  void release(uint32_t count) {
    head_ += count;
    line_.messages += count;
    line_.head.store(head_, std::memory_order_release);
  }

 private:
  Ring<recordBytes>& ring_;
  ConsumerLine& line_;
  uint32_t head_ = 0;
  uint32_t tail_ = 0;
};

}  // namespace metabonk::bench

#endif
