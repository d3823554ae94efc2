// The few things of Vulkan that drawing without a window needs. The program is one run long: what it made goes with its process.
#pragma once

#include <vulkan/vulkan.h>

#include <cstdint>
#include <string>
#include <vector>

namespace metabonk::bench {

// Throws std::runtime_error that says what failed.
void check(VkResult result, const char* what);

// Memory of the device that this process sees.
struct Buffer {
  VkBuffer handle;
  void* data;
};

struct Image {
  VkImage handle;
  VkImageView view;
};

struct ImageFormat {
  VkFormat format;
  VkImageUsageFlags usage;
  VkImageAspectFlags aspect;
};

class Gpu {
 public:
  // Throws std::runtime_error unless the first device is Mesa's rasteriser for processors.
  Gpu();

  Buffer buffer(size_t bytes, VkBufferUsageFlags usage) const;
  // A buffer with a copy of what is there; of one word where there is nothing, for Vulkan knows no empty buffers.
  template <typename T>
  Buffer upload(const std::vector<T>& items, VkBufferUsageFlags usage) const {
    return upload(items.data(), items.size() * sizeof(T), usage);
  }
  Buffer upload(const void* items, size_t bytes, VkBufferUsageFlags usage) const;
  Image image(const ImageFormat& format, uint32_t width, uint32_t height) const;
  VkShaderModule shader(const uint32_t* words, size_t bytes) const;
  VkCommandBuffer commands() const;
  VkFence fence() const;

  VkDevice device;
  VkQueue queue;
  std::string name;
  uint32_t imageSizeMax;

 private:
  void openDevice();
  VkDeviceMemory allocate(const VkMemoryRequirements& needs, VkMemoryPropertyFlags properties) const;

  VkPhysicalDevice physical;
  VkPhysicalDeviceMemoryProperties memory;
  VkCommandPool pool;
};

}  // namespace metabonk::bench
