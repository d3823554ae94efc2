#include "scene.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

namespace metabonk::bench {
namespace {

constexpr uint32_t magic = 0x4353424d;
constexpr uint32_t segmentationCount = 65'536;
// Few enough to be left out often, enough to be drawn in one go.
constexpr uint32_t runTriangles = 128;

struct Triangle {
  float corners[3][3];
  uint32_t look[2];
};

std::vector<char> readBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Words {
 public:
  explicit Words(const std::string& path) : path(path), bytes(readBytes(path)) {}

  template <typename T>
  void read(T* to, size_t count) {
    if (count > (bytes.size() - at) / sizeof(T)) throw std::runtime_error(path + " is cut off");
    if (count > 0) std::memcpy(to, bytes.data() + at, count * sizeof(T));
    at += count * sizeof(T);
  }

  uint32_t word() {
    uint32_t value;
    read(&value, 1);
    return value;
  }

  // So many things of so many words each.
  void expect(uint64_t count, uint64_t words) const {
    if (count * words * 4 > bytes.size() - at) throw std::runtime_error(path + " is cut off");
  }

  void end() const {
    if (at != bytes.size()) throw std::runtime_error(path + " is longer than it says");
  }

  [[noreturn]] void refuse(const char* what) const { throw std::runtime_error(path + ": " + what); }

 private:
  std::string path;
  std::vector<char> bytes;
  size_t at = 0;
};

// Triangles that meet share corners, as far as the looks allow: a look belongs to the first corner of a triangle, so a corner may have one look at
// most, and a triangle may be turned to begin where its look is.
class Indexer {
 public:
  explicit Indexer(Scene& scene) : scene(scene) {}

  void add(const Triangle& triangle) {
    const int first = firstOf(triangle);
    scene.indices.push_back(cornerWith(triangle, first));
    for (int turn = 1; turn < 3; turn++) scene.indices.push_back(anyCorner(triangle.corners[(first + turn) % 3]));
  }

 private:
  using Place = std::array<uint32_t, 3>;

  static Place placeOf(const float* corner) {
    Place place;
    std::memcpy(place.data(), corner, sizeof place);
    return place;
  }

  bool has(uint32_t vertex, const Triangle& triangle) const { return std::equal(triangle.look, triangle.look + 2, scene.vertices[vertex].look); }

  // A corner that has the look, or else one that has none yet.
  int firstOf(const Triangle& triangle) {
    int open = 0;
    for (int corner = 2; corner >= 0; corner--) {
      const auto& there = places[placeOf(triangle.corners[corner])];
      for (const uint32_t vertex : there) {
        if (claimed[vertex] && has(vertex, triangle)) return corner;
        if (!claimed[vertex]) open = corner;
      }
      if (there.empty()) open = corner;
    }
    return open;
  }

  uint32_t cornerWith(const Triangle& triangle, int corner) {
    const float* at = triangle.corners[corner];
    for (const uint32_t vertex : places[placeOf(at)]) {
      if (claimed[vertex] && !has(vertex, triangle)) continue;
      claimed[vertex] = true;
      std::copy(triangle.look, triangle.look + 2, scene.vertices[vertex].look);
      return vertex;
    }
    const uint32_t vertex = append(at);
    claimed[vertex] = true;
    std::copy(triangle.look, triangle.look + 2, scene.vertices[vertex].look);
    return vertex;
  }

  uint32_t anyCorner(const float* at) {
    const auto& there = places[placeOf(at)];
    return there.empty() ? append(at) : there.front();
  }

  uint32_t append(const float* at) {
    const auto vertex = static_cast<uint32_t>(scene.vertices.size());
    scene.vertices.push_back({at[0], at[1], at[2], {0, 0}});
    claimed.resize(scene.vertices.size(), false);
    places[placeOf(at)].push_back(vertex);
    return vertex;
  }

  Scene& scene;
  std::map<Place, std::vector<uint32_t>> places;
  // By vertex of the scene, of those before this indexer's too.
  std::vector<bool> claimed = std::vector<bool>(scene.vertices.size(), true);
};

Sphere boundsOf(const std::vector<std::array<double, 3>>& points) {
  std::array<double, 3> low = points.front(), high = points.front();
  for (const auto& point : points) {
    for (int axis = 0; axis < 3; axis++) {
      low[axis] = std::min(low[axis], point[axis]);
      high[axis] = std::max(high[axis], point[axis]);
    }
  }
  Sphere sphere{(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2, 0};
  for (const auto& point : points) sphere.radius = std::max(sphere.radius, std::hypot(point[0] - sphere.x, point[1] - sphere.y, point[2] - sphere.z));
  // Rounding may make it larger, never smaller.
  sphere.radius *= 1 + 1e-6;
  return sphere;
}

std::array<double, 3> placed(const Vertex& vertex, const float* rows) {
  std::array<double, 3> at;
  for (int axis = 0; axis < 3; axis++) {
    const float* row = rows + 4 * axis;
    at[axis] = double(row[0]) * vertex.x + double(row[1]) * vertex.y + double(row[2]) * vertex.z + row[3];
  }
  return at;
}

Sphere boundsOf(const Scene& scene, uint32_t first, uint32_t count, const float* rows) {
  std::vector<std::array<double, 3>> points;
  for (uint32_t i = first; i < first + count; i++) points.push_back(placed(scene.vertices[scene.indices[i]], rows));
  return boundsOf(points);
}

constexpr float identity[12] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};

void readTriangles(Words& words, uint32_t count, Scene& scene) {
  words.expect(count, 11);
  Indexer indexer(scene);
  for (uint32_t i = 0; i < count; i++) {
    Triangle triangle;
    words.read(&triangle, 1);
    if (triangle.look[1] >= segmentationCount) words.refuse("the segmentation of a triangle is above 65,535");
    indexer.add(triangle);
  }
  for (uint32_t first = 0; first < count; first += runTriangles) {
    const uint32_t triangles = std::min(runTriangles, count - first);
    scene.runs.push_back({3 * first, 3 * triangles, boundsOf(scene, 3 * first, 3 * triangles, identity)});
  }
}

// The most colours that an instance of each mesh needs.
std::vector<uint32_t> readMeshes(Words& words, uint32_t count, uint32_t triangles, Scene& scene) {
  words.expect(count, 1);
  std::vector<uint32_t> lengths(count), faces;
  words.read(lengths.data(), count);
  words.expect(triangles, 10);
  for (const uint32_t length : lengths) {
    if (length == 0 || length > triangles) words.refuse("a mesh has no triangles, or more than there are");
    triangles -= length;
    Indexer indexer(scene);
    const auto first = static_cast<uint32_t>(scene.indices.size());
    uint32_t face = 0;
    for (uint32_t i = 0; i < length; i++) {
      Triangle triangle{};
      words.read(&triangle.corners[0][0], 9);
      words.read(triangle.look, 1);
      face = std::max(face, triangle.look[0]);
      indexer.add(triangle);
    }
    faces.push_back(face);
    scene.meshes.push_back({first, 3 * length, 0, 0});
  }
  if (triangles != 0) words.refuse("a triangle belongs to no mesh");
  return faces;
}

struct PlacedMesh {
  uint32_t mesh, segmentation, firstColour;
  float rows[12];
};

void readInstances(Words& words, uint32_t count, uint32_t colours, const std::vector<uint32_t>& faces, Scene& scene) {
  words.expect(count, 15);
  std::vector<PlacedMesh> placed(count);
  words.read(placed.data(), count);
  for (const auto& [mesh, segmentation, firstColour, rows] : placed) {
    if (mesh >= scene.meshes.size()) words.refuse("an instance has a mesh that is not there");
    if (segmentation >= segmentationCount) words.refuse("the segmentation of an instance is above 65,535");
    if (uint64_t(firstColour) + faces[mesh] >= colours) words.refuse("an instance has colours that are not there");
  }
  for (uint32_t mesh = 0; mesh < scene.meshes.size(); mesh++) {
    Mesh& own = scene.meshes[mesh];
    own.firstInstance = static_cast<uint32_t>(scene.instances.size());
    for (uint32_t i = 0; i < count; i++) {
      if (placed[i].mesh != mesh) continue;
      Instance instance{{}, placed[i].firstColour, placed[i].segmentation};
      std::copy(placed[i].rows, placed[i].rows + 12, instance.rows);
      scene.instances.push_back(instance);
      scene.bounds.push_back(boundsOf(scene, own.firstIndex, own.indexCount, instance.rows));
      scene.numbers.push_back(i);
    }
    own.instanceCount = static_cast<uint32_t>(scene.instances.size()) - own.firstInstance;
  }
}

}  // namespace

Scene readScene(const std::string& path) {
  Words words(path);
  if (words.word() != magic) words.refuse("this is no scene");
  const uint32_t triangles = words.word(), meshes = words.word(), meshTriangles = words.word(), instances = words.word(), colours = words.word();
  Scene scene;
  readTriangles(words, triangles, scene);
  const std::vector<uint32_t> faces = readMeshes(words, meshes, meshTriangles, scene);
  readInstances(words, instances, colours, faces, scene);
  words.expect(colours, 1);
  scene.colours.resize(colours);
  words.read(scene.colours.data(), colours);
  words.end();
  return scene;
}

std::vector<View> readViews(const std::string& path) {
  const std::vector<char> bytes = readBytes(path);
  if (bytes.empty() || bytes.size() % sizeof(View) != 0) throw std::runtime_error(path + " holds no whole number of views");
  std::vector<View> views(bytes.size() / sizeof(View));
  std::memcpy(views.data(), bytes.data(), bytes.size());
  return views;
}

}  // namespace metabonk::bench
