// Measures the C++ ring, and Boost's queue where it is installed. Prints one JSON object.
//   ring_bench stream | boost  <record bytes: 16 or 64> <capacity> <records per publish> <messages>
//   ring_bench round-trip      <record bytes: 16 or 64> <capacity> <round trips>
//   ring_bench futex | look    <meetings>
#include "ring.h"

#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if __has_include(<boost/lockfree/spsc_queue.hpp>)
#include <boost/lockfree/spsc_queue.hpp>
#define METABONK_BOOST
#endif

namespace metabonk::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Load {
  uint32_t capacity;
  uint32_t batch;
  uint64_t messages;
};

struct WrongWord : std::runtime_error {
  WrongWord() : std::runtime_error("a word did not arrive as it was written") {}
};

// Word k of message i is i + k: every word says where it belongs.
template <uint32_t recordBytes>
void write(std::byte* at, uint32_t count, uint32_t message) {
  constexpr uint32_t words = recordBytes / 4;
  auto* word = reinterpret_cast<uint32_t*>(at);
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t k = 0; k < words; k++) word[i * words + k] = message + i + k;
  }
}

// Zero when every word is as `write` made it.
template <uint32_t recordBytes>
uint32_t difference(const std::byte* at, uint32_t count, uint32_t message) {
  constexpr uint32_t words = recordBytes / 4;
  const auto* word = reinterpret_cast<const uint32_t*>(at);
  uint32_t wrong = 0;
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t k = 0; k < words; k++) wrong |= word[i * words + k] ^ (message + i + k);
  }
  return wrong;
}

uint32_t batchOf(const Load& load, uint64_t done) { return static_cast<uint32_t>(std::min<uint64_t>(load.batch, load.messages - done)); }

// Seconds from when both threads are there until the consumer has the last message; `consume` gives the difference it saw.
template <typename Produce, typename Consume>
double secondsOf(Produce produce, Consume consume) {
  std::barrier start(2);
  Clock::time_point begin, end;
  uint32_t wrong = 0;
  std::thread producer([&] {
    start.arrive_and_wait();
    begin = Clock::now();
    produce();
  });
  std::thread consumer([&] {
    start.arrive_and_wait();
    wrong = consume();
    end = Clock::now();
  });
  producer.join();
  consumer.join();
  if (wrong != 0) throw WrongWord();
  return std::chrono::duration<double>(end - begin).count();
}

template <uint32_t recordBytes>
double streamSeconds(const Load& load) {
  Ring<recordBytes> ring(load.capacity);
  const auto produce = [&] {
    Producer<recordBytes> producer(ring);
    for (uint64_t sent = 0; sent < load.messages;) {
      const Batch batch = producer.claim(batchOf(load, sent));
      write<recordBytes>(batch.at, batch.count, static_cast<uint32_t>(sent));
      producer.publish(batch.count);
      sent += batch.count;
    }
  };
  const auto consume = [&] {
    Consumer<recordBytes> consumer(ring);
    uint32_t wrong = 0;
    for (uint64_t taken = 0; taken < load.messages;) {
      const Batch batch = consumer.claim(batchOf(load, taken));
      wrong |= difference<recordBytes>(batch.at, batch.count, static_cast<uint32_t>(taken));
      consumer.release(batch.count);
      taken += batch.count;
    }
    return wrong;
  };
  return secondsOf(produce, consume);
}

#if defined(METABONK_BOOST)
template <uint32_t recordBytes>
struct Message {
  alignas(16) std::byte bytes[recordBytes];
};

template <uint32_t recordBytes>
double boostSeconds(const Load& load) {
  boost::lockfree::spsc_queue<Message<recordBytes>> queue(load.capacity);
  const auto produce = [&] {
    std::vector<Message<recordBytes>> batch(load.batch);
    for (uint64_t sent = 0; sent < load.messages;) {
      const uint32_t count = batchOf(load, sent);
      write<recordBytes>(batch[0].bytes, count, static_cast<uint32_t>(sent));
      Spin spin;
      for (size_t pushed = 0; pushed < count;) {
        const size_t taken = queue.push(batch.data() + pushed, count - pushed);
        pushed += taken;
        if (taken == 0) spin.once();
      }
      sent += count;
    }
  };
  const auto consume = [&] {
    std::vector<Message<recordBytes>> batch(load.batch);
    uint32_t wrong = 0;
    Spin spin;
    for (uint64_t taken = 0; taken < load.messages;) {
      const auto count = static_cast<uint32_t>(queue.pop(batch.data(), batchOf(load, taken)));
      if (count == 0) spin.once();
      wrong |= difference<recordBytes>(batch[0].bytes, count, static_cast<uint32_t>(taken));
      taken += count;
    }
    return wrong;
  };
  return secondsOf(produce, consume);
}
#endif

// Sends one record and waits for its answer, over and over; nanoseconds of each, the first tenth left out.
template <uint32_t recordBytes>
std::vector<double> roundTrips(uint32_t capacity, uint32_t count) {
  Ring<recordBytes> there(capacity), back(capacity);
  const uint32_t warm = count / 10;
  std::vector<double> nanoseconds;
  nanoseconds.reserve(count);
  const auto ask = [&] {
    Producer<recordBytes> out(there);
    Consumer<recordBytes> in(back);
    uint32_t wrong = 0;
    for (uint32_t trip = 0; trip < warm + count; trip++) {
      const auto begin = Clock::now();
      write<recordBytes>(out.claim(1).at, 1, trip);
      out.publish(1);
      wrong |= difference<recordBytes>(in.claim(1).at, 1, trip + 1);
      in.release(1);
      const auto end = Clock::now();
      if (trip >= warm) nanoseconds.push_back(std::chrono::duration<double, std::nano>(end - begin).count());
    }
    return wrong;
  };
  const auto answer = [&] {
    Consumer<recordBytes> in(there);
    Producer<recordBytes> out(back);
    for (uint32_t trip = 0; trip < warm + count; trip++) {
      const uint32_t wrong = difference<recordBytes>(in.claim(1).at, 1, trip);
      in.release(1);
      // A wrong question gets a wrong answer, so that one side reports for both.
      write<recordBytes>(out.claim(1).at, 1, wrong == 0 ? trip + 1 : trip);
      out.publish(1);
    }
  };
  secondsOf(answer, ask);
  return nanoseconds;
}

double percentile(std::vector<double>& samples, double share) {
  std::sort(samples.begin(), samples.end());
  return samples[static_cast<size_t>(share * static_cast<double>(samples.size() - 1))];
}

// Between two askings for the time, that much is measured which is not there.
double clockNanoseconds() {
  std::vector<double> samples(10'000);
  for (auto& sample : samples) {
    const auto begin = Clock::now();
    sample = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
  }
  return percentile(samples, 0.5);
}

void reportTimes(std::vector<double> nanoseconds) {
  const double clock = clockNanoseconds();
  const auto at = [&](double share) { return percentile(nanoseconds, share) - clock; };
  std::printf("{\"nanosecondsP50\":%.1f,\"nanosecondsP99\":%.1f}\n", at(0.5), at(0.99));
}

// Two threads meet over and over with nothing but two words: one releases the other, which says that it has arrived.
template <typename Await, typename Tell>
std::vector<double> meetings(uint32_t count, Await await, Tell tell) {
  alignas(lineBytes) std::atomic<uint32_t> released{0};
  alignas(lineBytes) std::atomic<uint32_t> arrived{0};
  std::vector<double> nanoseconds;
  nanoseconds.reserve(count);
  std::thread other([&] {
    for (uint32_t meeting = 1; meeting <= count; meeting++) {
      await(released, meeting);
      tell(arrived, meeting);
    }
  });
  for (uint32_t meeting = 1; meeting <= count; meeting++) {
    const auto begin = Clock::now();
    tell(released, meeting);
    await(arrived, meeting);
    nanoseconds.push_back(std::chrono::duration<double, std::nano>(Clock::now() - begin).count());
  }
  other.join();
  return nanoseconds;
}

// What it takes to bring a word to another core and one back: no message between these threads can be faster.
void reportLooks(uint32_t count) {
  const auto look = [](std::atomic<uint32_t>& word, uint32_t value) {
    while (word.load(std::memory_order_acquire) != value) {
    }
  };
  reportTimes(meetings(count, look, [](std::atomic<uint32_t>& word, uint32_t value) { word.store(value, std::memory_order_release); }));
}

#if defined(__linux__)
long futex(std::atomic<uint32_t>& word, int operation, uint32_t value) {
  return syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), operation, value, nullptr, nullptr, 0);
}

void await(std::atomic<uint32_t>& word, uint32_t value) {
  for (uint32_t now; (now = word.load()) != value;) futex(word, FUTEX_WAIT_PRIVATE, now);
}

void tell(std::atomic<uint32_t>& word, uint32_t value) {
  word.store(value);
  futex(word, FUTEX_WAKE_PRIVATE, 1);
}
#endif

void reportFutexes([[maybe_unused]] uint32_t count) {
#if defined(__linux__)
  reportTimes(meetings(count, await, tell));
#else
  std::puts("{\"nanosecondsP50\":null,\"nanosecondsP99\":null}");
#endif
}

template <uint32_t recordBytes>
void reportRoundTrips(uint32_t capacity, uint32_t count) {
  reportTimes(roundTrips<recordBytes>(capacity, count));
}

template <uint32_t recordBytes>
bool run(const char* mode, const Load& load) {
  const auto messages = static_cast<double>(load.messages);
  if (std::strcmp(mode, "stream") == 0) {
    std::printf("{\"messagesPerSecond\":%.0f}\n", messages / streamSeconds<recordBytes>(load));
  } else if (std::strcmp(mode, "boost") == 0) {
#if defined(METABONK_BOOST)
    std::printf("{\"messagesPerSecond\":%.0f}\n", messages / boostSeconds<recordBytes>(load));
#else
    std::puts("{\"messagesPerSecond\":null}");
#endif
  } else {
    return false;
  }
  return true;
}

uint64_t countAt(char** arguments, int at) { return std::strtoull(arguments[at], nullptr, 10); }

bool isCapacity(uint64_t count) { return count > 0 && count <= (1u << 24) && (count & (count - 1)) == 0; }

bool main(int count, char** arguments) {
  if (count == 3 && countAt(arguments, 2) > 0 && countAt(arguments, 2) <= (1u << 24)) {
    const bool isLook = std::strcmp(arguments[1], "look") == 0;
    if (!isLook && std::strcmp(arguments[1], "futex") != 0) return false;
    (isLook ? reportLooks : reportFutexes)(static_cast<uint32_t>(countAt(arguments, 2)));
    return true;
  }
  if (count < 5) return false;
  const uint64_t recordBytes = countAt(arguments, 2), capacity = countAt(arguments, 3), number = countAt(arguments, 4);
  if ((recordBytes != 16 && recordBytes != 64) || !isCapacity(capacity) || number == 0 || number > (1u << 24)) return false;
  const auto records = static_cast<uint32_t>(capacity);
  if (std::strcmp(arguments[1], "round-trip") == 0) {
    const auto trips = static_cast<uint32_t>(number);
    if (count != 5) return false;
    recordBytes == 16 ? reportRoundTrips<16>(records, trips) : reportRoundTrips<64>(records, trips);
    return true;
  }
  if (count != 6 || countAt(arguments, 5) == 0) return false;
  const Load load{records, static_cast<uint32_t>(number), countAt(arguments, 5)};
  return recordBytes == 16 ? run<16>(arguments[1], load) : run<64>(arguments[1], load);
}

}  // namespace
}  // namespace metabonk::bench

int main(int count, char** arguments) {
  try {
    if (metabonk::bench::main(count, arguments)) return 0;
    std::fputs("usage: ring_bench stream|boost <16|64> <capacity> <batch> <messages> | round-trip <16|64> <capacity> <trips> | futex|look <meetings>\n", stderr);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
