#include "painter.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "instances_vert.h"
#include "triangles_vert.h"
#include "views_frag.h"

namespace metabonk::bench {
namespace {

constexpr uint32_t channelCount = 3;
constexpr VkImageUsageFlags channelUsage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
// Colour, depth, segmentation; and the depth that decides what is in front, which nobody reads.
constexpr ImageFormat formats[channelCount + 1] = {
    {VK_FORMAT_R8G8B8A8_UNORM, channelUsage, VK_IMAGE_ASPECT_COLOR_BIT},
    {VK_FORMAT_R32_SFLOAT, channelUsage, VK_IMAGE_ASPECT_COLOR_BIT},
    {VK_FORMAT_R16_UINT, channelUsage, VK_IMAGE_ASPECT_COLOR_BIT},
    {VK_FORMAT_D32_SFLOAT, VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT, VK_IMAGE_ASPECT_DEPTH_BIT},
};
constexpr size_t channelBytes[channelCount] = {4, 4, 2};

// As in views.vert.
struct Push {
  float eyeHigh[4], eyeLow[4], right[4], down[4], forward[4];
};

Push pushOf(const View& view, const Layout& layout) {
  Push push{};
  const double along = 2 * view.focal / layout.width, across = 2 * view.focal / layout.height;
  for (int axis = 0; axis < 3; axis++) {
    push.eyeHigh[axis] = static_cast<float>(view.eye[axis]);
    push.eyeLow[axis] = static_cast<float>(view.eye[axis] - push.eyeHigh[axis]);
    push.right[axis] = static_cast<float>(view.right[axis] * along);
    push.down[axis] = static_cast<float>(view.down[axis] * across);
    push.forward[axis] = static_cast<float>(view.forward[axis]);
  }
  // Reversed: 1 at the near plane, 0 at the far one, for f32 is finest near 0.
  const double slope = view.near / (view.far - view.near);
  push.eyeHigh[3] = static_cast<float>(slope * view.far);
  push.eyeLow[3] = static_cast<float>(-slope);
  return push;
}

double dot(const double* axis, const double* away) { return axis[0] * away[0] + axis[1] * away[1] + axis[2] * away[2]; }

// What a view can see, as the planes around it.
class Frustum {
 public:
  Frustum(const View& view, const Layout& layout)
      : view(view), halfWidth(layout.width / 2.0), halfHeight(layout.height / 2.0), sideways(std::hypot(view.focal, halfWidth)), upright(std::hypot(view.focal, halfHeight)) {}

  bool touches(const Sphere& sphere) const {
    const double away[3] = {sphere.x - view.eye[0], sphere.y - view.eye[1], sphere.z - view.eye[2]};
    const double z = dot(view.forward, away);
    if (z + sphere.radius < view.near || z - sphere.radius > view.far) return false;
    if (std::abs(dot(view.right, away)) * view.focal - z * halfWidth > sphere.radius * sideways) return false;
    return std::abs(dot(view.down, away)) * view.focal - z * halfHeight <= sphere.radius * upright;
  }

 private:
  const View& view;
  const double halfWidth, halfHeight, sideways, upright;
};

VkAttachmentDescription attachmentOf(const ImageFormat& format) {
  const bool isChannel = format.aspect == VK_IMAGE_ASPECT_COLOR_BIT;
  VkAttachmentDescription attachment{};
  attachment.format = format.format;
  attachment.samples = VK_SAMPLE_COUNT_1_BIT;
  attachment.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR;
  attachment.storeOp = isChannel ? VK_ATTACHMENT_STORE_OP_STORE : VK_ATTACHMENT_STORE_OP_DONT_CARE;
  attachment.stencilLoadOp = VK_ATTACHMENT_LOAD_OP_DONT_CARE;
  attachment.stencilStoreOp = VK_ATTACHMENT_STORE_OP_DONT_CARE;
  attachment.initialLayout = VK_IMAGE_LAYOUT_UNDEFINED;
  attachment.finalLayout = isChannel ? VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL : VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL;
  return attachment;
}

VkPipelineShaderStageCreateInfo stageOf(VkShaderStageFlagBits stage, VkShaderModule shader) {
  VkPipelineShaderStageCreateInfo creation{VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO};
  creation.stage = stage;
  creation.module = shader;
  creation.pName = "main";
  return creation;
}

constexpr VkVertexInputBindingDescription bindings[] = {{0, sizeof(Vertex), VK_VERTEX_INPUT_RATE_VERTEX}, {1, sizeof(Instance), VK_VERTEX_INPUT_RATE_INSTANCE}};
constexpr VkVertexInputAttributeDescription attributes[] = {
    {0, 0, VK_FORMAT_R32G32B32_SFLOAT, 0},
    {1, 0, VK_FORMAT_R32G32_UINT, offsetof(Vertex, look)},
    {2, 1, VK_FORMAT_R32G32B32A32_SFLOAT, 0},
    {3, 1, VK_FORMAT_R32G32B32A32_SFLOAT, 16},
    {4, 1, VK_FORMAT_R32G32B32A32_SFLOAT, 32},
    {5, 1, VK_FORMAT_R32G32_UINT, offsetof(Instance, firstColour)},
};

}  // namespace

Painter::Painter(const Gpu& gpu, const Scene& scene, const Layout& layout) : gpu(gpu), scene(scene), layout(layout) {
  vertices = gpu.upload(scene.vertices, VK_BUFFER_USAGE_VERTEX_BUFFER_BIT);
  indices = gpu.upload(scene.indices, VK_BUFFER_USAGE_INDEX_BUFFER_BIT);
  makePass();
  makeLayout();
  ofTriangles = makePipeline(false);
  ofInstances = makePipeline(true);
  for (uint32_t slot = 0; slot < slotCount; slot++) slots.push_back(makeSlot());
}

void Painter::makePass() {
  std::array<VkAttachmentDescription, channelCount + 1> attachments;
  for (uint32_t i = 0; i < attachments.size(); i++) attachments[i] = attachmentOf(formats[i]);
  VkAttachmentReference channels[channelCount];
  for (uint32_t i = 0; i < channelCount; i++) channels[i] = {i, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL};
  const VkAttachmentReference depth{channelCount, VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL};
  VkSubpassDescription subpass{};
  subpass.pipelineBindPoint = VK_PIPELINE_BIND_POINT_GRAPHICS;
  subpass.colorAttachmentCount = channelCount;
  subpass.pColorAttachments = channels;
  subpass.pDepthStencilAttachment = &depth;
  VkSubpassDependency copyAfter{};
  copyAfter.srcSubpass = 0;
  copyAfter.dstSubpass = VK_SUBPASS_EXTERNAL;
  copyAfter.srcStageMask = VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT;
  copyAfter.dstStageMask = VK_PIPELINE_STAGE_TRANSFER_BIT;
  copyAfter.srcAccessMask = VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT;
  copyAfter.dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT;
  VkRenderPassCreateInfo creation{VK_STRUCTURE_TYPE_RENDER_PASS_CREATE_INFO};
  creation.attachmentCount = attachments.size();
  creation.pAttachments = attachments.data();
  creation.subpassCount = 1;
  creation.pSubpasses = &subpass;
  creation.dependencyCount = 1;
  creation.pDependencies = &copyAfter;
  check(vkCreateRenderPass(gpu.device, &creation, nullptr, &pass), "the render pass");
}

// What shaders read besides corners: the numbers of the view, and the colours of instances.
void Painter::makeLayout() {
  const VkDescriptorSetLayoutBinding binding{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1, VK_SHADER_STAGE_VERTEX_BIT, nullptr};
  VkDescriptorSetLayoutCreateInfo sets{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO};
  sets.bindingCount = 1;
  sets.pBindings = &binding;
  VkDescriptorSetLayout setLayout;
  check(vkCreateDescriptorSetLayout(gpu.device, &sets, nullptr, &setLayout), "the layout of the colours");
  const VkPushConstantRange range{VK_SHADER_STAGE_VERTEX_BIT, 0, sizeof(Push)};
  VkPipelineLayoutCreateInfo creation{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
  creation.setLayoutCount = 1;
  creation.pSetLayouts = &setLayout;
  creation.pushConstantRangeCount = 1;
  creation.pPushConstantRanges = &range;
  check(vkCreatePipelineLayout(gpu.device, &creation, nullptr, &pipelineLayout), "the layout of pipelines");
  const VkDescriptorPoolSize size{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1};
  VkDescriptorPoolCreateInfo pools{VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO};
  pools.maxSets = pools.poolSizeCount = 1;
  pools.pPoolSizes = &size;
  VkDescriptorPool pool;
  check(vkCreateDescriptorPool(gpu.device, &pools, nullptr, &pool), "the pool of descriptors");
  VkDescriptorSetAllocateInfo allocation{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO};
  allocation.descriptorPool = pool;
  allocation.descriptorSetCount = 1;
  allocation.pSetLayouts = &setLayout;
  check(vkAllocateDescriptorSets(gpu.device, &allocation, &colours), "the descriptor of the colours");
  const VkDescriptorBufferInfo uploaded{gpu.upload(scene.colours, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT).handle, 0, VK_WHOLE_SIZE};
  VkWriteDescriptorSet write{VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET};
  write.dstSet = colours;
  write.descriptorCount = 1;
  write.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  write.pBufferInfo = &uploaded;
  vkUpdateDescriptorSets(gpu.device, 1, &write, 0, nullptr);
}

VkPipeline Painter::makePipeline(bool instanced) const {
  const VkShaderModule vertex = instanced ? gpu.shader(instancesVert, sizeof instancesVert) : gpu.shader(trianglesVert, sizeof trianglesVert);
  const VkPipelineShaderStageCreateInfo stages[] = {stageOf(VK_SHADER_STAGE_VERTEX_BIT, vertex), stageOf(VK_SHADER_STAGE_FRAGMENT_BIT, gpu.shader(viewsFrag, sizeof viewsFrag))};
  VkPipelineVertexInputStateCreateInfo input{VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO};
  input.vertexBindingDescriptionCount = instanced ? 2 : 1;
  input.pVertexBindingDescriptions = bindings;
  input.vertexAttributeDescriptionCount = instanced ? 6 : 2;
  input.pVertexAttributeDescriptions = attributes;
  VkPipelineInputAssemblyStateCreateInfo assembly{VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO};
  assembly.topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST;
  VkPipelineViewportStateCreateInfo viewport{VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO};
  viewport.viewportCount = viewport.scissorCount = 1;
  VkPipelineRasterizationStateCreateInfo raster{VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO};
  raster.polygonMode = VK_POLYGON_MODE_FILL;
  raster.cullMode = VK_CULL_MODE_BACK_BIT;
  raster.frontFace = VK_FRONT_FACE_COUNTER_CLOCKWISE;
  raster.lineWidth = 1;
  VkPipelineMultisampleStateCreateInfo samples{VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO};
  samples.rasterizationSamples = VK_SAMPLE_COUNT_1_BIT;
  VkPipelineDepthStencilStateCreateInfo depth{VK_STRUCTURE_TYPE_PIPELINE_DEPTH_STENCIL_STATE_CREATE_INFO};
  depth.depthTestEnable = depth.depthWriteEnable = VK_TRUE;
  depth.depthCompareOp = VK_COMPARE_OP_GREATER;
  VkPipelineColorBlendAttachmentState channels[channelCount]{};
  for (auto& channel : channels) channel.colorWriteMask = VK_COLOR_COMPONENT_R_BIT | VK_COLOR_COMPONENT_G_BIT | VK_COLOR_COMPONENT_B_BIT | VK_COLOR_COMPONENT_A_BIT;
  VkPipelineColorBlendStateCreateInfo blend{VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO};
  blend.attachmentCount = channelCount;
  blend.pAttachments = channels;
  constexpr VkDynamicState changing[] = {VK_DYNAMIC_STATE_VIEWPORT, VK_DYNAMIC_STATE_SCISSOR};
  VkPipelineDynamicStateCreateInfo dynamic{VK_STRUCTURE_TYPE_PIPELINE_DYNAMIC_STATE_CREATE_INFO};
  dynamic.dynamicStateCount = 2;
  dynamic.pDynamicStates = changing;
  VkGraphicsPipelineCreateInfo creation{VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO};
  creation.stageCount = 2;
  creation.pStages = stages;
  creation.pVertexInputState = &input;
  creation.pInputAssemblyState = &assembly;
  creation.pViewportState = &viewport;
  creation.pRasterizationState = &raster;
  creation.pMultisampleState = &samples;
  creation.pDepthStencilState = &depth;
  creation.pColorBlendState = &blend;
  creation.pDynamicState = &dynamic;
  creation.layout = pipelineLayout;
  creation.renderPass = pass;
  VkPipeline made;
  check(vkCreateGraphicsPipelines(gpu.device, VK_NULL_HANDLE, 1, &creation, nullptr, &made), "a pipeline");
  return made;
}

Painter::Slot Painter::makeSlot() const {
  const uint32_t width = layout.width * layout.columns, height = layout.height * layout.lines;
  Slot slot;
  VkImageView views[channelCount + 1];
  for (uint32_t i = 0; i <= channelCount; i++) {
    const Image image = gpu.image(formats[i], width, height);
    views[i] = image.view;
    if (i < channelCount) slot.channels[i] = image.handle;
  }
  VkFramebufferCreateInfo creation{VK_STRUCTURE_TYPE_FRAMEBUFFER_CREATE_INFO};
  creation.renderPass = pass;
  creation.attachmentCount = channelCount + 1;
  creation.pAttachments = views;
  creation.width = width;
  creation.height = height;
  creation.layers = 1;
  check(vkCreateFramebuffer(gpu.device, &creation, nullptr, &slot.frame), "a frame");
  const size_t instances = (scene.instances.size() + 1) * layout.columns * layout.lines;
  slot.instances = gpu.buffer(instances * sizeof(Instance), VK_BUFFER_USAGE_VERTEX_BUFFER_BIT);
  slot.pixels = gpu.buffer(pixelCount() * (channelBytes[0] + channelBytes[1] + channelBytes[2]), VK_BUFFER_USAGE_TRANSFER_DST_BIT);
  slot.commands = gpu.commands();
  slot.drawn = gpu.fence();
  return slot;
}

void Painter::begin(uint32_t slotNumber, std::span<const View> views) {
  const Slot& slot = slots[slotNumber];
  VkCommandBufferBeginInfo once{VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
  once.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  check(vkBeginCommandBuffer(slot.commands, &once), "recording commands");
  VkClearValue clear[channelCount + 1]{};
  clear[1].color.float32[0] = std::numeric_limits<float>::infinity();
  VkRenderPassBeginInfo drawing{VK_STRUCTURE_TYPE_RENDER_PASS_BEGIN_INFO};
  drawing.renderPass = pass;
  drawing.framebuffer = slot.frame;
  drawing.renderArea.extent = {layout.width * layout.columns, layout.height * layout.lines};
  drawing.clearValueCount = channelCount + 1;
  drawing.pClearValues = clear;
  vkCmdBeginRenderPass(slot.commands, &drawing, VK_SUBPASS_CONTENTS_INLINE);
  vkCmdBindIndexBuffer(slot.commands, indices.handle, 0, VK_INDEX_TYPE_UINT32);
  const VkBuffer buffers[] = {vertices.handle, slot.instances.handle};
  const VkDeviceSize offsets[] = {0, 0};
  vkCmdBindVertexBuffers(slot.commands, 0, 2, buffers, offsets);
  vkCmdBindDescriptorSets(slot.commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipelineLayout, 0, 1, &colours, 0, nullptr);
  uint32_t used = 0;
  for (uint32_t number = 0; number < views.size(); number++) {
    place(slot.commands, views[number], number);
    drawRuns(slot.commands, views[number]);
    used = drawInstances(slot, views[number], used);
  }
  vkCmdEndRenderPass(slot.commands);
  copyOut(slot);
  check(vkEndCommandBuffer(slot.commands), "ending commands");
  VkSubmitInfo submission{VK_STRUCTURE_TYPE_SUBMIT_INFO};
  submission.commandBufferCount = 1;
  submission.pCommandBuffers = &slot.commands;
  check(vkQueueSubmit(gpu.queue, 1, &submission, slot.drawn), "drawing");
}

Picture Painter::finish(uint32_t slotNumber) {
  const Slot& slot = slots[slotNumber];
  check(vkWaitForFences(gpu.device, 1, &slot.drawn, VK_TRUE, UINT64_MAX), "waiting");
  check(vkResetFences(gpu.device, 1, &slot.drawn), "a fence");
  const auto* pixels = static_cast<const uint8_t*>(slot.pixels.data);
  const uint8_t* depth = pixels + pixelCount() * channelBytes[0];
  return {pixels, reinterpret_cast<const float*>(depth), reinterpret_cast<const uint16_t*>(depth + pixelCount() * channelBytes[1])};
}

void Painter::place(VkCommandBuffer commands, const View& view, uint32_t number) const {
  const uint32_t x = number % layout.columns * layout.width, y = number / layout.columns * layout.height;
  const VkViewport viewport{float(x), float(y), float(layout.width), float(layout.height), 0, 1};
  const VkRect2D scissor{{static_cast<int32_t>(x), static_cast<int32_t>(y)}, {layout.width, layout.height}};
  vkCmdSetViewport(commands, 0, 1, &viewport);
  vkCmdSetScissor(commands, 0, 1, &scissor);
  const Push push = pushOf(view, layout);
  vkCmdPushConstants(commands, pipelineLayout, VK_SHADER_STAGE_VERTEX_BIT, 0, sizeof push, &push);
}

// Runs that follow each other are one call.
void Painter::drawRuns(VkCommandBuffer commands, const View& view) const {
  if (scene.runs.empty()) return;
  vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, ofTriangles);
  const Frustum frustum(view, layout);
  uint32_t first = 0, count = 0;
  for (const Run& run : scene.runs) {
    if (!frustum.touches(run.bounds)) continue;
    if (first + count != run.first) {
      if (count > 0) vkCmdDrawIndexed(commands, count, 1, first, 0, 0);
      first = run.first;
      count = 0;
    }
    count += run.count;
  }
  if (count > 0) vkCmdDrawIndexed(commands, count, 1, first, 0, 0);
}

// Gives how many instances of the slot are used then.
uint32_t Painter::drawInstances(const Slot& slot, const View& view, uint32_t used) const {
  if (scene.instances.empty()) return used;
  vkCmdBindPipeline(slot.commands, VK_PIPELINE_BIND_POINT_GRAPHICS, ofInstances);
  const Frustum frustum(view, layout);
  auto* visible = static_cast<Instance*>(slot.instances.data);
  for (const Mesh& mesh : scene.meshes) {
    const uint32_t first = used;
    for (uint32_t i = mesh.firstInstance; i < mesh.firstInstance + mesh.instanceCount; i++) {
      if (frustum.touches(scene.bounds[i]) && scene.numbers[i] != view.hidden) visible[used++] = scene.instances[i];
    }
    if (used > first) vkCmdDrawIndexed(slot.commands, mesh.indexCount, used - first, mesh.firstIndex, 0, first);
  }
  return used;
}

void Painter::copyOut(const Slot& slot) const {
  VkDeviceSize offset = 0;
  for (uint32_t i = 0; i < channelCount; i++) {
    VkBufferImageCopy region{};
    region.bufferOffset = offset;
    region.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    region.imageExtent = {layout.width * layout.columns, layout.height * layout.lines, 1};
    vkCmdCopyImageToBuffer(slot.commands, slot.channels[i], VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, slot.pixels.handle, 1, &region);
    offset += pixelCount() * channelBytes[i];
  }
  VkMemoryBarrier readAfter{VK_STRUCTURE_TYPE_MEMORY_BARRIER};
  readAfter.srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT;
  readAfter.dstAccessMask = VK_ACCESS_HOST_READ_BIT;
  vkCmdPipelineBarrier(slot.commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &readAfter, 0, nullptr, 0, nullptr);
}

}  // namespace metabonk::bench
