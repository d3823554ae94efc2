#include "shared_memory.h"

#include <cerrno>

#ifdef __linux__

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <cstring>
#include <string>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

namespace metabonk {
namespace {

// Longer waits count as infinite: about thirty years.
constexpr double millisMax = 1e12;

std::string pathOf(const char* name) { return std::string("/metabonk-") + name; }

// Maps the whole file behind memory->fd; releases everything when that fails.
int mapWhole(Memory* memory) {
  struct stat file;
  int error = 0;
  if (fstat(memory->fd, &file) != 0) {
    error = errno;
  } else if (!S_ISREG(file.st_mode) || file.st_size <= 0) {
    error = EINVAL;
  } else if (uint64_t(file.st_size) > memoryBytesMax) {
    error = EFBIG;
  } else {
    void* data = mmap(nullptr, size_t(file.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
    if (data == MAP_FAILED) {
      error = errno;
    } else {
      memory->data = data;
      memory->bytes = size_t(file.st_size);
    }
  }
  if (error != 0) releaseMemory(memory);
  return error;
}

int fillNamed(int fd, uint64_t bytes) {
  int error = 0;
  do {
    error = posix_fallocate(fd, 0, off_t(bytes));
  } while (error == EINTR);
  return error;
}

int fillAnonymous(int fd, uint64_t bytes) {
  if (ftruncate(fd, off_t(bytes)) != 0) return errno;
  return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0 ? 0 : errno;
}

// The span as the kernel takes it, or null for a wait without an end.
const timespec* spanOf(double millis, timespec* span) {
  if (!(millis < millisMax)) return nullptr;
  const double seconds = double(int64_t(millis / 1000));
  span->tv_sec = time_t(seconds);
  span->tv_nsec = long((millis - seconds * 1000) * 1e6);
  return span;
}

// Whether the descriptor has something to read, or its other side is gone, within `millis`.
int waitReadable(int fd, double millis, bool* readable) {
  timespec span;
  pollfd one = {fd, POLLIN, 0};
  const int count = ppoll(&one, 1, spanOf(millis, &span), nullptr);
  *readable = count > 0;
  if (count < 0) return errno == EINTR ? 0 : errno;
  return (one.revents & POLLNVAL) != 0 ? EBADF : 0;
}

// Keeps the first descriptor of a message; more than one is not what was agreed, but they must not leak.
void takeDescriptors(msghdr* message, int* fd) {
  for (cmsghdr* part = CMSG_FIRSTHDR(message); part != nullptr; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t at = 0; at < count; at++) {
      int each;
      std::memcpy(&each, CMSG_DATA(part) + at * sizeof(int), sizeof each);
      if (*fd < 0) {
        *fd = each;
      } else {
        close(each);
      }
    }
  }
}

}  // namespace

int createMemory(uint64_t bytes, const char* name, Memory* memory) {
  if (bytes == 0) return EINVAL;
  if (bytes > memoryBytesMax) return EFBIG;
  memory->fd = name == nullptr ? memfd_create("metabonk", MFD_CLOEXEC | MFD_ALLOW_SEALING)
                               : shm_open(pathOf(name).c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (memory->fd < 0) return errno;
  int error = name == nullptr ? fillAnonymous(memory->fd, bytes) : fillNamed(memory->fd, bytes);
  if (error == 0) {
    error = mapWhole(memory);
  } else {
    releaseMemory(memory);
  }
  if (error != 0 && name != nullptr) unlinkMemory(name);
  return error;
}

int openMemory(const char* name, Memory* memory) {
  memory->fd = shm_open(pathOf(name).c_str(), O_RDWR | O_CLOEXEC, 0);
  return memory->fd < 0 ? errno : mapWhole(memory);
}

int openDescriptor(int fd, Memory* memory) {
  memory->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (memory->fd < 0) return errno;
  // Where it can be sealed, the other side can't cut off mapped pages any more. A named segment can't be sealed.
  fcntl(memory->fd, F_ADD_SEALS, F_SEAL_SHRINK);
  return mapWhole(memory);
}

void releaseMemory(Memory* memory) {
  if (memory->data != nullptr) munmap(memory->data, memory->bytes);
  if (memory->fd >= 0) close(memory->fd);
  *memory = {};
}

int unlinkMemory(const char* name) { return shm_unlink(pathOf(name).c_str()) == 0 ? 0 : errno; }

int futexWait(int32_t* word, int32_t expected, double millis, Waited* waited) {
  timespec span;
  // Not FUTEX_PRIVATE: the other side is another process.
  const long result = syscall(SYS_futex, word, FUTEX_WAIT, expected, spanOf(millis, &span), nullptr, 0);
  *waited = Waited::woken;
  if (result == 0 || errno == EINTR) return 0;
  if (errno != EAGAIN && errno != ETIMEDOUT) return errno;
  *waited = errno == EAGAIN ? Waited::changed : Waited::timedOut;
  return 0;
}

int futexWake(int32_t* word, uint32_t count, uint32_t* woken) {
  const int most = count > uint32_t(INT_MAX) ? INT_MAX : int(count);
  const long result = syscall(SYS_futex, word, FUTEX_WAKE, most, nullptr, nullptr, 0);
  if (result < 0) return errno;
  *woken = uint32_t(result);
  return 0;
}

int openSocketPair(int sockets[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0 ? 0 : errno; }

int sendDescriptor(int socket, int fd) {
  char byte = 'M';
  iovec piece = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(part), &fd, sizeof fd);
  ssize_t sent = 0;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

int receiveDescriptor(int socket, double millis, int* fd) {
  bool readable = false;
  const int error = waitReadable(socket, millis, &readable);
  if (error != 0) return error;
  if (!readable) return ETIMEDOUT;
  char byte = 0;
  iovec piece = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (received < 0) return errno;
  if (received == 0) return ECONNRESET;
  *fd = -1;
  takeDescriptors(&message, fd);
  return *fd < 0 ? EPROTO : 0;
}

int openPid(uint32_t pid, int* fd) {
  *fd = int(syscall(SYS_pidfd_open, pid, 0));
  return *fd < 0 ? errno : 0;
}

int waitPid(int fd, double millis, bool* ended) { return waitReadable(fd, millis, ended); }

}  // namespace metabonk

#else

namespace metabonk {

int createMemory(uint64_t, const char*, Memory*) { return ENOSYS; }
int openMemory(const char*, Memory*) { return ENOSYS; }
int openDescriptor(int, Memory*) { return ENOSYS; }
void releaseMemory(Memory*) {}
int unlinkMemory(const char*) { return ENOSYS; }
int futexWait(int32_t*, int32_t, double, Waited*) { return ENOSYS; }
int futexWake(int32_t*, uint32_t, uint32_t*) { return ENOSYS; }
int openSocketPair(int[2]) { return ENOSYS; }
int sendDescriptor(int, int) { return ENOSYS; }
int receiveDescriptor(int, double, int*) { return ENOSYS; }
int openPid(uint32_t, int*) { return ENOSYS; }
int waitPid(int, double, bool*) { return ENOSYS; }

}  // namespace metabonk

#endif
