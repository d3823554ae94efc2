// What JavaScript sees: takes buffers, checks every length and offset, calls the kernels. No logic of its own.
#include <napi.h>

#include <cmath>
#include <cstring>

#include "grid.h"
#include "hash.h"

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

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("hashBlocks", Napi::Function::New(env, HashBlocks, "hashBlocks"));
  exports.Set("buildGrid", Napi::Function::New(env, BuildGrid, "buildGrid"));
  return exports;
}

NODE_API_MODULE(metabonk, Init)

}  // namespace
}  // namespace metabonk
