// What JavaScript sees: takes buffers, checks every length and offset, calls the kernels. No logic of its own.
#include <napi.h>
#include <uv.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "dense.h"
#include "draw.h"
#include "grid.h"
#include "hash.h"
#include "shared_memory.h"

namespace metabonk {
namespace {

constexpr double u32Max = 4294967295.0;

template <typename T>
struct View {
  T* data = nullptr;
  size_t length = 0;
};

void throwType(Napi::Env env, const char* what) { Napi::TypeError::New(env, what).ThrowAsJavaScriptException(); }
void throwRange(Napi::Env env, const char* what) { Napi::RangeError::New(env, what).ThrowAsJavaScriptException(); }

// Reads a typed array by the C interface: the one of C++ refuses views of a SharedArrayBuffer.
template <typename T>
bool readView(const Napi::Value& value, napi_typedarray_type expected, View<T>* view) {
  bool isTyped = false;
  napi_typedarray_type type;
  void* data = nullptr;
  if (napi_is_typedarray(value.Env(), value, &isTyped) != napi_ok || !isTyped) return false;
  if (napi_get_typedarray_info(value.Env(), value, &type, &view->length, &data, nullptr, nullptr) != napi_ok) return false;
  view->data = static_cast<T*>(data);
  return type == expected;
}

bool isU32(double number) { return number >= 0 && number <= u32Max && std::floor(number) == number; }

bool readU32(const Napi::Value& value, uint32_t* out) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!isU32(number)) return false;
  *out = static_cast<uint32_t>(number);
  return true;
}

bool isSize(double number) { return number > 0 && std::isfinite(number); }

// Seven f64: columns, lines, cell width and height, width, height, and 1 where the space wraps.
bool readShape(const Napi::Value& value, GridShape* shape) {
  View<double> view;
  if (!readView(value, napi_float64_array, &view) || view.length != 7) return false;
  double parts[7];
  std::memcpy(parts, view.data, sizeof parts);
  for (int at = 0; at < 2; at++) {
    if (!isU32(parts[at]) || parts[at] == 0) return false;
  }
  for (int at = 2; at < 6; at++) {
    if (!isSize(parts[at])) return false;
  }
  if (parts[6] != 0 && parts[6] != 1) return false;
  *shape = {static_cast<uint32_t>(parts[0]), static_cast<uint32_t>(parts[1]), parts[2], parts[3], parts[4], parts[5], parts[6] == 1};
  return true;
}

bool isSound(const HashJob& job, size_t memoryWords) {
  if (job.words % hashLaneCount != 0 || job.elementClass > hashClassMax || job.first > job.end) return false;
  // Below 2^64: the product of two u32, plus one more.
  return uint64_t(job.end) * job.words + job.offset <= memoryWords;
}

Napi::Value HashBlocks(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  View<uint32_t> memory, jobs, sums;
  uint32_t count = 0;
  if (!readView(info[0], napi_uint32_array, &memory) || !readView(info[1], napi_uint32_array, &jobs) || !readU32(info[2], &count) ||
      !readView(info[3], napi_uint32_array, &sums)) {
    throwType(env, "hashBlocks takes (memory: Uint32Array, jobs: Uint32Array, jobCount: u32, sums: Uint32Array)");
    return env.Undefined();
  }
  constexpr size_t jobWords = sizeof(HashJob) / sizeof(uint32_t);
  if (count > jobs.length / jobWords || count > sums.length / 2) {
    throwRange(env, "hashBlocks: more jobs than `jobs` and `sums` hold");
    return env.Undefined();
  }
  const Isa isa = bestIsa();
  for (size_t at = 0; at < count; at++) {
    // A copy: what is checked is what is used.
    HashJob job;
    std::memcpy(&job, jobs.data + at * jobWords, sizeof job);
    if (!isSound(job, memory.length)) {
      throwRange(env, "hashBlocks: a job's blocks don't lie in memory, or aren't rows of eight words of a known class");
      return env.Undefined();
    }
    hashJob(isa, memory.data, job, sums.data + at * 2);
  }
  return env.Undefined();
}

Napi::Value BuildGrid(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  GridShape shape;
  View<float> at;
  View<uint8_t> alive;
  View<uint32_t> start, sorted;
  uint32_t rows = 0;
  if (!readShape(info[0], &shape) || !readView(info[1], napi_float32_array, &at) || !readView(info[2], napi_uint8_array, &alive) ||
      !readU32(info[3], &rows) || !readView(info[4], napi_uint32_array, &start) || !readView(info[5], napi_uint32_array, &sorted)) {
    throwType(env, "buildGrid takes (grid: Float64Array of 7, at: Float32Array, alive: Uint8Array, rows: u32, start: Uint32Array, sorted: Uint32Array)");
    return env.Undefined();
  }
  const uint64_t cells = uint64_t(shape.columns) * shape.lines;
  if (rows > at.length / 2 || rows > alive.length || cells >= start.length || cells > uint64_t(u32Max)) {
    throwRange(env, "buildGrid: more rows than `at` and `alive` hold, or more cells than `start` holds");
    return env.Undefined();
  }
  const uint64_t placed = buildGrid(shape, {at.data, alive.data, rows, start.data, sorted.data, sorted.length});
  if (placed > sorted.length) {
    throwRange(env, "buildGrid: more live rows than `sorted` holds");
    return env.Undefined();
  }
  return Napi::Number::New(env, static_cast<double>(placed));
}

// A typed array of a job of pictures, which may be empty.
template <typename T, typename U>
bool readSpan(const Napi::Value& value, napi_typedarray_type expected, Span<U>* span) {
  View<T> view;
  if (!readView(value, expected, &view)) return false;
  *span = {view.data, view.length};
  return true;
}

bool readJob(const Napi::CallbackInfo& info, DrawJob* job) {
  return readSpan<const double>(info[1], napi_float64_array, &job->numbers) && readSpan<const uint32_t>(info[2], napi_uint32_array, &job->meshes) &&
         readSpan<const float>(info[3], napi_float32_array, &job->vertices) && readSpan<const uint32_t>(info[4], napi_uint32_array, &job->faces) &&
         readSpan<const float>(info[5], napi_float32_array, &job->planes) && readSpan<const float>(info[6], napi_float32_array, &job->bounds) &&
         readSpan<const float>(info[7], napi_float32_array, &job->bodies) && readSpan<const uint32_t>(info[8], napi_uint32_array, &job->tags) &&
         readSpan<const float>(info[9], napi_float32_array, &job->details) && readSpan<const uint32_t>(info[10], napi_uint32_array, &job->texels) &&
         readSpan<const uint16_t>(info[11], napi_uint16_array, &job->texelKinds) && readSpan<const double>(info[12], napi_float64_array, &job->views) &&
         readSpan<uint8_t>(info[13], napi_uint8_array, &job->rgb) && readSpan<uint8_t>(info[14], napi_uint8_array, &job->grey) &&
         readSpan<float>(info[15], napi_float32_array, &job->depth) && readSpan<uint16_t>(info[16], napi_uint16_array, &job->depthMillis) &&
         readSpan<uint16_t>(info[17], napi_uint16_array, &job->segmentation);
}

Napi::Value DrawViews(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint32_t count = 0;
  DrawJob job;
  if (!readU32(info[0], &count) || !readJob(info, &job)) {
    throwType(env, "drawViews takes (count: u32) and the seventeen arrays of a DrawJob in their order");
    return env.Undefined();
  }
  const char* const fault = faultOf(job, count);
  if (fault != nullptr) {
    throwRange(env, (std::string("drawViews: ") + fault).c_str());
    return env.Undefined();
  }
  drawViews(bestIsa(), job, count);
  return env.Undefined();
}

// Floats as they are, or bytes. Returns how many there are, or false.
bool readInput(const Napi::Value& value, DenseJob* job, size_t* length) {
  View<float> floats;
  View<uint8_t> bytes;
  if (readView(value, napi_float32_array, &floats)) {
    job->floats = floats.data;
    *length = floats.length;
    return true;
  }
  if (!readView(value, napi_uint8_array, &bytes)) return false;
  job->bytes = bytes.data;
  *length = bytes.length;
  return true;
}

Napi::Value RunDense(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  DenseJob job = {};
  View<float> weights, biases, output;
  View<uint32_t> starts;
  uint32_t rectified = 0;
  size_t inputLength = 0;
  if (!readU32(info[0], &job.inputs) || !readU32(info[1], &job.outputs) || !readU32(info[2], &rectified) || !readView(info[3], napi_float32_array, &weights) ||
      !readView(info[4], napi_float32_array, &biases) || !readInput(info[5], &job, &inputLength) || !readView(info[6], napi_uint32_array, &starts) ||
      !readU32(info[7], &job.count) || !readView(info[8], napi_float32_array, &output)) {
    throwType(env, "runDense takes (inputs: u32, outputs: u32, rectified: u32, weights: Float32Array, biases: Float32Array, input: Float32Array | Uint8Array, starts: Uint32Array, count: u32, output: Float32Array)");
    return env.Undefined();
  }
  const uint64_t padded = (uint64_t(job.outputs) + denseGroup - 1) / denseGroup * denseGroup;
  // A product that could pass 64 bits is far beyond any array.
  if (padded > biases.length || (job.inputs > 0 && padded > weights.length / job.inputs) || job.count > starts.length || (job.outputs > 0 && job.count > output.length / job.outputs)) {
    throwRange(env, "runDense: the layer or the batch is larger than its arrays");
    return env.Undefined();
  }
  // A copy: what is checked is what is used. In memory of the thread, which is made once.
  static thread_local std::vector<uint32_t> taken;
  taken.assign(starts.data, starts.data + job.count);
  for (const uint32_t start : taken) {
    if (uint64_t(start) + job.inputs <= inputLength) continue;
    throwRange(env, "runDense: an input leaves its array");
    return env.Undefined();
  }
  job.rectified = rectified != 0;
  job.weights = weights.data;
  job.biases = biases.data;
  job.starts = taken.data();
  job.output = output.data;
  runDense(bestIsa(), job);
  return env.Undefined();
}

// An Error whose code is the name of the errno, like those of node:fs.
Napi::Value throwErrno(Napi::Env env, const char* call, int number) {
  // libuv counts system errors below zero; on Windows, where errno means nothing, all that comes here is ENOSYS.
  const int code = number == ENOSYS ? UV_ENOSYS : -number;
  Napi::Error error = Napi::Error::New(env, std::string(call) + ": " + uv_strerror(code));
  error.Set("code", uv_err_name(code));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value refuse(Napi::Env env, const char* takes) {
  throwType(env, takes);
  return env.Undefined();
}

bool readFd(const Napi::Value& value, int* fd) {
  uint32_t number = 0;
  if (!readU32(value, &number) || number > uint32_t(INT32_MAX)) return false;
  *fd = int(number);
  return true;
}

bool readMillis(const Napi::Value& value, double* millis) {
  if (!value.IsNumber()) return false;
  *millis = value.As<Napi::Number>().DoubleValue();
  return *millis >= 0;
}

bool readBytes(const Napi::Value& value, uint64_t* bytes) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 1 && number <= 9007199254740991.0) || std::floor(number) != number) return false;
  *bytes = uint64_t(number);
  return true;
}

// Letters, digits, '.', '_' and '-': nothing that could lead to another folder or be cut off.
bool readName(const Napi::Value& value, std::string* name) {
  if (!value.IsString()) return false;
  *name = value.As<Napi::String>().Utf8Value();
  const auto isPlain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
  for (const char c : *name) {
    if (!isPlain(c)) return false;
  }
  return !name->empty() && name->size() <= memoryNameMax;
}

// A word of an Int32Array: (words, index).
bool readWord(const Napi::CallbackInfo& info, int32_t** word) {
  View<int32_t> words;
  uint32_t index = 0;
  if (!readView(info[0], napi_int32_array, &words) || !readU32(info[1], &index) || index >= words.length) return false;
  *word = words.data + index;
  return true;
}

struct Mapping : Memory {
  Mapping() = default;
  Mapping(const Mapping&) = delete;
  ~Mapping() { releaseMemory(this); }
};

// The array buffer and its backing store end at different times, in any order: each holds the mapping.
using Hold = std::shared_ptr<Mapping>;

// Tells a buffer of ours from one that somebody else has wrapped.
constexpr napi_type_tag mappedTag = {0x6d657461626f6e6b, 0x6d656d6f72792031};

void dropHold(napi_env, void*, void* hold) { delete static_cast<Hold*>(hold); }

// { fd, buffer } of a mapping; undefined, and an exception, when Node refuses.
Napi::Value mappedObject(Napi::Env env, const Hold& mapping) {
  napi_value buffer = nullptr;
  auto* const stored = new Hold(mapping);
  const napi_status made = napi_create_external_arraybuffer(env, mapping->data, mapping->bytes, dropHold, stored, &buffer);
  if (made == napi_no_external_buffers_allowed) dropHold(env, nullptr, stored);
  auto* const held = new Hold(mapping);
  if (made != napi_ok || napi_type_tag_object(env, buffer, &mappedTag) != napi_ok ||
      napi_wrap(env, buffer, held, [](napi_env env, void* hold, void*) { dropHold(env, nullptr, hold); }, nullptr, nullptr) != napi_ok) {
    dropHold(env, nullptr, held);
    if (!env.IsExceptionPending()) throwErrno(env, "mapping memory", ENOMEM);
    return env.Undefined();
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("fd", Napi::Number::New(env, mapping->fd));
  object.Set("buffer", buffer);
  return object;
}

Napi::Value CreateMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint64_t bytes = 0;
  std::string name;
  const bool isNamed = !info[1].IsNull();
  if (!readBytes(info[0], &bytes) || (isNamed && !readName(info[1], &name))) return refuse(env, "createMemory takes (bytes: number, name: string | null)");
  const Hold mapping = std::make_shared<Mapping>();
  const int error = createMemory(bytes, isNamed ? name.c_str() : nullptr, mapping.get());
  return error == 0 ? mappedObject(env, mapping) : throwErrno(env, "createMemory", error);
}

Napi::Value OpenMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::string name;
  if (!readName(info[0], &name)) return refuse(env, "openMemory takes (name: string)");
  const Hold mapping = std::make_shared<Mapping>();
  const int error = openMemory(name.c_str(), mapping.get());
  return error == 0 ? mappedObject(env, mapping) : throwErrno(env, "openMemory", error);
}

Napi::Value OpenDescriptor(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int fd = -1;
  if (!readFd(info[0], &fd)) return refuse(env, "openDescriptor takes (fd: number)");
  const Hold mapping = std::make_shared<Mapping>();
  const int error = openDescriptor(fd, mapping.get());
  return error == 0 ? mappedObject(env, mapping) : throwErrno(env, "openDescriptor", error);
}

// Detached first: nothing can reach the pages when they go.
Napi::Value CloseMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  bool isOurs = false;
  void* held = nullptr;
  if (!info[0].IsArrayBuffer() || napi_check_object_type_tag(env, info[0], &mappedTag, &isOurs) != napi_ok || !isOurs ||
      napi_unwrap(env, info[0], &held) != napi_ok) {
    return refuse(env, "closeMemory takes (buffer: ArrayBuffer) of createMemory, openMemory or openDescriptor");
  }
  Napi::ArrayBuffer buffer = info[0].As<Napi::ArrayBuffer>();
  Mapping* const mapping = static_cast<Hold*>(held)->get();
  // One that was transferred lives on in another buffer, and ends with it.
  if (buffer.IsDetached()) return env.Undefined();
  buffer.Detach();
  if (buffer.IsDetached()) releaseMemory(mapping);
  return env.Undefined();
}

Napi::Value UnlinkMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::string name;
  if (!readName(info[0], &name)) return refuse(env, "unlinkMemory takes (name: string)");
  const int error = unlinkMemory(name.c_str());
  return error == 0 ? env.Undefined() : throwErrno(env, "unlinkMemory", error);
}

Napi::Value FutexWait(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int32_t* word = nullptr;
  double millis = 0;
  if (!readWord(info, &word) || !info[2].IsNumber() || !readMillis(info[3], &millis)) {
    return refuse(env, "futexWait takes (words: Int32Array, index inside it, expected: i32, millis: number from 0)");
  }
  Waited waited = Waited::woken;
  const int error = futexWait(word, info[2].As<Napi::Number>().Int32Value(), millis, &waited);
  return error == 0 ? Napi::Number::New(env, static_cast<double>(waited)) : throwErrno(env, "futexWait", error);
}

Napi::Value FutexWake(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int32_t* word = nullptr;
  uint32_t count = 0;
  if (!readWord(info, &word) || !readU32(info[2], &count)) return refuse(env, "futexWake takes (words: Int32Array, index inside it, count: u32)");
  uint32_t woken = 0;
  const int error = futexWake(word, count, &woken);
  return error == 0 ? Napi::Number::New(env, woken) : throwErrno(env, "futexWake", error);
}

Napi::Value OpenSocketPair(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int sockets[2] = {-1, -1};
  const int error = openSocketPair(sockets);
  if (error != 0) return throwErrno(env, "openSocketPair", error);
  Napi::Array pair = Napi::Array::New(env, 2);
  for (uint32_t at = 0; at < 2; at++) pair.Set(at, Napi::Number::New(env, sockets[at]));
  return pair;
}

Napi::Value SendDescriptor(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int socket = -1, fd = -1;
  if (!readFd(info[0], &socket) || !readFd(info[1], &fd)) return refuse(env, "sendDescriptor takes (socketFd: number, fd: number)");
  const int error = sendDescriptor(socket, fd);
  return error == 0 ? env.Undefined() : throwErrno(env, "sendDescriptor", error);
}

Napi::Value ReceiveDescriptor(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int socket = -1, fd = -1;
  double millis = 0;
  if (!readFd(info[0], &socket) || !readMillis(info[1], &millis)) return refuse(env, "receiveDescriptor takes (socketFd: number, millis: number from 0)");
  const int error = receiveDescriptor(socket, millis, &fd);
  return error == 0 ? Napi::Number::New(env, fd) : throwErrno(env, "receiveDescriptor", error);
}

Napi::Value OpenPid(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint32_t pid = 0;
  int fd = -1;
  if (!readU32(info[0], &pid)) return refuse(env, "openPid takes (pid: u32)");
  const int error = openPid(pid, &fd);
  return error == 0 ? Napi::Number::New(env, fd) : throwErrno(env, "openPid", error);
}

Napi::Value WaitPid(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int fd = -1;
  double millis = 0;
  if (!readFd(info[0], &fd) || !readMillis(info[1], &millis)) return refuse(env, "waitPid takes (fd: number, millis: number from 0)");
  bool ended = false;
  const int error = waitPid(fd, millis, &ended);
  return error == 0 ? Napi::Boolean::New(env, ended) : throwErrno(env, "waitPid", error);
}

void exportMemory(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*call)(const Napi::CallbackInfo&)) { exports.Set(name, Napi::Function::New(env, call, name)); };
  add("createMemory", CreateMemory);
  add("openMemory", OpenMemory);
  add("openDescriptor", OpenDescriptor);
  add("closeMemory", CloseMemory);
  add("unlinkMemory", UnlinkMemory);
  add("futexWait", FutexWait);
  add("futexWake", FutexWake);
  add("openSocketPair", OpenSocketPair);
  add("sendDescriptor", SendDescriptor);
  add("receiveDescriptor", ReceiveDescriptor);
  add("openPid", OpenPid);
  add("waitPid", WaitPid);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("hashBlocks", Napi::Function::New(env, HashBlocks, "hashBlocks"));
  exports.Set("buildGrid", Napi::Function::New(env, BuildGrid, "buildGrid"));
  exports.Set("runDense", Napi::Function::New(env, RunDense, "runDense"));
  exports.Set("drawViews", Napi::Function::New(env, DrawViews, "drawViews"));
  exportMemory(env, exports);
  return exports;
}

NODE_API_MODULE(metabonk, Init)

}  // namespace
}  // namespace metabonk
