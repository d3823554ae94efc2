// Draws views of a scene into images, and copies them to where the process reads them. Images hold one view, or many side by side.
#pragma once

#include <span>

#include "gpu.h"
#include "scene.h"

namespace metabonk::bench {

struct Layout {
  // Pixels of a view.
  uint32_t width, height;
  // Views of a picture in a row, and how many rows there are.
  uint32_t columns, lines;
};

// Where a picture lies once it has been read back: line after line of all its views.
struct Picture {
  const uint8_t* rgba;
  const float* depth;
  const uint16_t* segmentation;
};

class Painter {
 public:
  Painter(const Gpu& gpu, const Scene& scene, const Layout& layout);

  // Begins to draw the views of a picture; as many pictures as there are slots can be under way. What was in the slot is gone.
  void begin(uint32_t slot, std::span<const View> views);
  // Waits until the picture of a slot is there.
  Picture finish(uint32_t slot);

  static constexpr uint32_t slotCount = 2;

 private:
  struct Slot {
    VkFramebuffer frame;
    VkImage channels[3];
    // The instances that its views see, and what is read back.
    Buffer instances, pixels;
    VkCommandBuffer commands;
    VkFence drawn;
  };

  void makePass();
  void makeLayout();
  VkPipeline makePipeline(bool instanced) const;
  Slot makeSlot() const;
  void place(VkCommandBuffer commands, const View& view, uint32_t number) const;
  void drawRuns(VkCommandBuffer commands, const View& view) const;
  uint32_t drawInstances(const Slot& slot, const View& view, uint32_t used) const;
  void copyOut(const Slot& slot) const;
  size_t pixelCount() const { return size_t(layout.width) * layout.height * layout.columns * layout.lines; }

  const Gpu& gpu;
  const Scene& scene;
  const Layout layout;
  Buffer vertices, indices;
  VkRenderPass pass;
  VkDescriptorSet colours;
  VkPipelineLayout pipelineLayout;
  VkPipeline ofTriangles, ofInstances;
  std::vector<Slot> slots;
};

}  // namespace metabonk::bench
