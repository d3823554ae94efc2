// Draws views of a scene with Mesa's Vulkan driver for processors (llvmpipe), without a window.
//   draw_views device                                                  the name of the device, as JSON
//   draw_views draw <scene> <views> <width> <height> <frames>          writes all views into a file of frames
//   draw_views time <scene> <views> <width> <height> <count> <side>    times at least so many frames, side x side of them in a picture; prints JSON
//
// File of frames, little-endian: 4 u32 (0x4642534d, width, height, how many), then all of their depth (f32, metres in front of the camera, Infinity
// where nothing is), then all of their segmentation (u16), then all of their colours (3 bytes a pixel).
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "painter.h"

namespace metabonk::bench {
namespace {

constexpr uint32_t framesMagic = 0x4642534d;
constexpr uint32_t sizeMax = 4096;
constexpr uint32_t sideMax = 16;

// Seconds of all threads of this process.
double processorSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double wallSeconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Frames {
  std::vector<float> depth;
  std::vector<uint16_t> segmentation;
  std::vector<uint8_t> rgb;
};

void append(Frames& frames, const Picture& picture, size_t pixels) {
  frames.depth.insert(frames.depth.end(), picture.depth, picture.depth + pixels);
  frames.segmentation.insert(frames.segmentation.end(), picture.segmentation, picture.segmentation + pixels);
  for (size_t i = 0; i < pixels; i++) frames.rgb.insert(frames.rgb.end(), picture.rgba + 4 * i, picture.rgba + 4 * i + 3);
}

template <typename T>
void write(std::ofstream& file, const T* items, size_t count) {
  file.write(reinterpret_cast<const char*>(items), static_cast<std::streamsize>(count * sizeof(T)));
}

void drawFrames(Painter& painter, const std::vector<View>& views, const Layout& layout, const char* path) {
  Frames frames;
  for (const View& view : views) {
    painter.begin(0, {&view, 1});
    append(frames, painter.finish(0), size_t(layout.width) * layout.height);
  }
  std::ofstream file(path, std::ios::binary);
  const uint32_t header[] = {framesMagic, layout.width, layout.height, static_cast<uint32_t>(views.size())};
  write(file, header, 4);
  write(file, frames.depth.data(), frames.depth.size());
  write(file, frames.segmentation.data(), frames.segmentation.size());
  write(file, frames.rgb.data(), frames.rgb.size());
  file.close();
  if (!file) throw std::runtime_error(std::string("cannot write ") + path);
}

// Draws so many pictures, all slots busy; each is in memory of this process before its slot is used again.
void drawPictures(Painter& painter, const std::vector<View>& views, uint32_t viewsPerPicture, uint64_t pictures) {
  for (uint64_t picture = 0; picture < pictures + Painter::slotCount; picture++) {
    const auto slot = static_cast<uint32_t>(picture % Painter::slotCount);
    if (picture >= Painter::slotCount) painter.finish(slot);
    if (picture >= pictures) continue;
    const size_t first = picture * viewsPerPicture % (views.size() / viewsPerPicture * viewsPerPicture);
    painter.begin(slot, {views.data() + first, viewsPerPicture});
  }
}

void timeFrames(Painter& painter, const std::vector<View>& views, uint32_t viewsPerPicture, uint64_t frames) {
  if (views.size() < viewsPerPicture) throw std::runtime_error("a picture has more views than there are");
  const uint64_t pictures = (frames + viewsPerPicture - 1) / viewsPerPicture;
  drawPictures(painter, views, viewsPerPicture, std::max<uint64_t>(2, pictures / 8));
  const double wall = wallSeconds(), processor = processorSeconds();
  drawPictures(painter, views, viewsPerPicture, pictures);
  std::printf("{\"frames\":%llu,\"seconds\":%.6f,\"processorSeconds\":%.6f}\n", static_cast<unsigned long long>(pictures * viewsPerPicture), wallSeconds() - wall, processorSeconds() - processor);
}

// Zero where the text is no number from 1 to `most`.
uint32_t numberIn(const char* text, uint64_t most) {
  char* end = nullptr;
  const uint64_t number = std::strtoull(text, &end, 10);
  return *end == '\0' && number <= most ? static_cast<uint32_t>(number) : 0;
}

bool main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "device") == 0) {
    std::printf("{\"name\":\"%s\"}\n", Gpu().name.c_str());
    return true;
  }
  const bool timed = count == 8 && std::strcmp(arguments[1], "time") == 0;
  if (!timed && !(count == 7 && std::strcmp(arguments[1], "draw") == 0)) return false;
  const uint32_t frames = timed ? numberIn(arguments[6], 1u << 30) : 1, side = timed ? numberIn(arguments[7], sideMax) : 1;
  const Layout layout{numberIn(arguments[4], sizeMax), numberIn(arguments[5], sizeMax), side, side};
  if (layout.width == 0 || layout.height == 0 || frames == 0 || side == 0) return false;
  const Scene scene = readScene(arguments[2]);
  const std::vector<View> views = readViews(arguments[3]);
  const Gpu gpu;
  if (std::max(layout.width, layout.height) * side > gpu.imageSizeMax) throw std::runtime_error("a picture is larger than the device draws");
  Painter painter(gpu, scene, layout);
  timed ? timeFrames(painter, views, side * side, frames) : drawFrames(painter, views, layout, arguments[6]);
  return true;
}

}  // namespace
}  // namespace metabonk::bench

int main(int count, char** arguments) {
  try {
    if (metabonk::bench::main(count, arguments)) return 0;
    std::fputs("usage: draw_views device | draw <scene> <views> <width> <height> <frames> | time <scene> <views> <width> <height> <count> <side>\n", stderr);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
