// Memory that several processes map, futexes in it, and what processes tell each other about themselves. Knows nothing of JavaScript.
// Every function returns 0 or an errno; on systems other than Linux it is ENOSYS.
#pragma once
#include <cstddef>
#include <cstdint>

namespace metabonk {

// The longest typed array of Node 20.
constexpr uint64_t memoryBytesMax = uint64_t(1) << 32;
constexpr size_t memoryNameMax = 200;

// A mapping, readable and writable, and the descriptor of what is mapped.
struct Memory {
  void* data = nullptr;
  size_t bytes = 0;
  int fd = -1;
};

// Makes zeroed memory. With a name it lies in /dev/shm as metabonk-NAME until it is unlinked, and all its pages are taken at once: a full
// /dev/shm is ENOSPC here and not a SIGBUS later. Without one it can neither shrink nor grow, and ends with its last descriptor.
int createMemory(uint64_t bytes, const char* name, Memory* memory);
int openMemory(const char* name, Memory* memory);
// Maps what a descriptor stands for. The memory gets a descriptor of its own.
int openDescriptor(int fd, Memory* memory);
// Unmaps and closes; what is already released stays so.
void releaseMemory(Memory* memory);
int unlinkMemory(const char* name);

enum class Waited : uint32_t { woken, changed, timedOut };

// Sleeps while the word is `expected`, at most `millis` (which may be infinite). A signal wakes as well: look at the word again.
int futexWait(int32_t* word, int32_t expected, double millis, Waited* waited);
int futexWake(int32_t* word, uint32_t count, uint32_t* woken);

// Descriptors over Unix sockets (SCM_RIGHTS), one with each byte. The end of the stream is ECONNRESET, a byte without a descriptor EPROTO,
// nothing within `millis` ETIMEDOUT.
int openSocketPair(int sockets[2]);
int sendDescriptor(int socket, int fd);
int receiveDescriptor(int socket, double millis, int* fd);

// A descriptor that stands for the process, whatever happens to its number.
int openPid(uint32_t pid, int* fd);
// Whether that process has ended, waiting at most `millis`. A signal ends the wait too.
int waitPid(int fd, double millis, bool* ended);

}  // namespace metabonk
