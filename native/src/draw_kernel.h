// The drawing kernel for one width of registers. Included once for each, inside a namespace of its own (DRAW_NAMESPACE, DRAW_LANES), with the
// instructions of that width switched on for all that follows. Everything here must be a plain function of this namespace: a template of the
// standard library that is first used here would carry those instructions into the rest of the program.
namespace metabonk {
namespace DRAW_NAMESPACE {

// In this order: each uses those before it.
#include "draw_vectors.h"
#include "draw_fill.h"
#include "draw_outlines.h"
#include "draw_instances.h"
#include "draw_seen.h"
#include "draw_ground.h"
#include "draw_resolve.h"

// An empty picture: nothing, so near.
DRAW_INLINE void clear(const Canvas& canvas, float nearness) {
  const size_t pixels = size_t(canvas.stride) * size_t(canvas.height);
  for (size_t i = 0; i < pixels; i += lanes) store(canvas.nearness + i, all(nearness));
  std::memset(canvas.slots, 0, pixels * sizeof(uint32_t));
}

// No looks but those of nothing and of the ground, which are not looked up.
DRAW_INLINE void clearLooks(DrawRoom* room) {
  room->lookCount = 2;
  for (int slot = 0; slot < 2; slot++) {
    room->looks[slot] = {0, 0};
    room->owners[slot] = draw::none;
  }
}

// The ground comes first: it hides most of what is hidden.
static void drawViews(const DrawJob& job, uint32_t count, DrawRoom* room) {
  Canvas canvas = {int(job.numbers.data[draw::width]), int(job.numbers.data[draw::height]), int(room->stride), room->nearness, room->slots, room, 0, 0};
  canvas.fromMiddleX = 0.5f - float(canvas.width) / 2;
  canvas.fromMiddleY = 0.5f - float(canvas.height) / 2;
  float empty = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t view = room->views[i];
    const double* const words = job.views.data + size_t(view) * draw::viewWords;
    Eye eye;
    openEye(job, view, &eye);
    // What a picture leaves behind is empty for the next that sees as far.
    if (i == 0 || emptyOf(eye) != empty) clear(canvas, emptyOf(eye));
    empty = emptyOf(eye);
    clearLooks(room);
    if (job.numbers.data[draw::columns] > 0) drawGround(job, canvas, eye);
    drawInstances(job, canvas, eye, findSeen(canvas, eye, words[draw::unseen]));
    resolve(job, canvas, eye, size_t(words[draw::frame]));
  }
}

#undef DRAW_INLINE
}  // namespace DRAW_NAMESPACE
}  // namespace metabonk
