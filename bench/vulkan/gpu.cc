#include "gpu.h"

#include <cstring>
#include <stdexcept>

namespace metabonk::bench {

void check(VkResult result, const char* what) {
  if (result != VK_SUCCESS) throw std::runtime_error(std::string(what) + " failed with Vulkan's result " + std::to_string(result));
}

Gpu::Gpu() {
  VkApplicationInfo application{VK_STRUCTURE_TYPE_APPLICATION_INFO};
  application.apiVersion = VK_API_VERSION_1_1;
  VkInstanceCreateInfo creation{VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
  creation.pApplicationInfo = &application;
  VkInstance instance;
  check(vkCreateInstance(&creation, nullptr, &instance), "the instance");
  uint32_t count = 1;
  const VkResult found = vkEnumeratePhysicalDevices(instance, &count, &physical);
  if (found != VK_INCOMPLETE) check(found, "the search for devices");
  if (count == 0) throw std::runtime_error("Vulkan has no device here");
  VkPhysicalDeviceProperties properties;
  vkGetPhysicalDeviceProperties(physical, &properties);
  name = properties.deviceName;
  imageSizeMax = properties.limits.maxImageDimension2D;
  if (properties.deviceType != VK_PHYSICAL_DEVICE_TYPE_CPU || name.rfind("llvmpipe", 0) != 0) throw std::runtime_error("the device is " + name + ", not llvmpipe");
  vkGetPhysicalDeviceMemoryProperties(physical, &memory);
  openDevice();
}

// Mesa's rasteriser has one family of queues, which does everything.
void Gpu::openDevice() {
  const float priority = 1;
  VkDeviceQueueCreateInfo queues{VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
  queues.queueCount = 1;
  queues.pQueuePriorities = &priority;
  VkDeviceCreateInfo creation{VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO};
  creation.queueCreateInfoCount = 1;
  creation.pQueueCreateInfos = &queues;
  check(vkCreateDevice(physical, &creation, nullptr, &device), "the device");
  vkGetDeviceQueue(device, 0, 0, &queue);
  VkCommandPoolCreateInfo commands{VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
  commands.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
  check(vkCreateCommandPool(device, &commands, nullptr, &pool), "the pool of commands");
}

VkDeviceMemory Gpu::allocate(const VkMemoryRequirements& needs, VkMemoryPropertyFlags properties) const {
  for (uint32_t type = 0; type < memory.memoryTypeCount; type++) {
    if ((needs.memoryTypeBits >> type & 1) == 0 || (memory.memoryTypes[type].propertyFlags & properties) != properties) continue;
    VkMemoryAllocateInfo allocation{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO};
    allocation.allocationSize = needs.size;
    allocation.memoryTypeIndex = type;
    VkDeviceMemory allocated;
    check(vkAllocateMemory(device, &allocation, nullptr, &allocated), "memory");
    return allocated;
  }
  throw std::runtime_error("the device has no memory of the kind that is needed");
}

Buffer Gpu::buffer(size_t bytes, VkBufferUsageFlags usage) const {
  VkBufferCreateInfo creation{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  creation.size = bytes;
  creation.usage = usage;
  Buffer made;
  check(vkCreateBuffer(device, &creation, nullptr, &made.handle), "a buffer");
  VkMemoryRequirements needs;
  vkGetBufferMemoryRequirements(device, made.handle, &needs);
  const VkDeviceMemory allocated = allocate(needs, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
  check(vkBindBufferMemory(device, made.handle, allocated, 0), "a buffer's memory");
  check(vkMapMemory(device, allocated, 0, VK_WHOLE_SIZE, 0, &made.data), "a view of a buffer");
  return made;
}

Buffer Gpu::upload(const void* items, size_t bytes, VkBufferUsageFlags usage) const {
  const Buffer made = buffer(bytes == 0 ? sizeof(uint32_t) : bytes, usage);
  if (bytes > 0) std::memcpy(made.data, items, bytes);
  return made;
}

Image Gpu::image(const ImageFormat& format, uint32_t width, uint32_t height) const {
  VkImageCreateInfo creation{VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO};
  creation.imageType = VK_IMAGE_TYPE_2D;
  creation.format = format.format;
  creation.extent = {width, height, 1};
  creation.mipLevels = creation.arrayLayers = 1;
  creation.samples = VK_SAMPLE_COUNT_1_BIT;
  creation.tiling = VK_IMAGE_TILING_OPTIMAL;
  creation.usage = format.usage;
  Image made;
  check(vkCreateImage(device, &creation, nullptr, &made.handle), "an image");
  VkMemoryRequirements needs;
  vkGetImageMemoryRequirements(device, made.handle, &needs);
  check(vkBindImageMemory(device, made.handle, allocate(needs, 0), 0), "an image's memory");
  VkImageViewCreateInfo view{VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO};
  view.image = made.handle;
  view.viewType = VK_IMAGE_VIEW_TYPE_2D;
  view.format = format.format;
  view.subresourceRange = {format.aspect, 0, 1, 0, 1};
  check(vkCreateImageView(device, &view, nullptr, &made.view), "a view of an image");
  return made;
}

VkShaderModule Gpu::shader(const uint32_t* words, size_t bytes) const {
  VkShaderModuleCreateInfo creation{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
  creation.codeSize = bytes;
  creation.pCode = words;
  VkShaderModule made;
  check(vkCreateShaderModule(device, &creation, nullptr, &made), "a shader");
  return made;
}

VkCommandBuffer Gpu::commands() const {
  VkCommandBufferAllocateInfo allocation{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO};
  allocation.commandPool = pool;
  allocation.commandBufferCount = 1;
  VkCommandBuffer made;
  check(vkAllocateCommandBuffers(device, &allocation, &made), "a buffer of commands");
  return made;
}

VkFence Gpu::fence() const {
  VkFenceCreateInfo creation{VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  VkFence made;
  check(vkCreateFence(device, &creation, nullptr, &made), "a fence");
  return made;
}

}  // namespace metabonk::bench
