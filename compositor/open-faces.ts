// Files say which faces are seen from both sides, and many say it of all. Only open surfaces need it: nobody sees the inside of closed ones.

/** For each vertex one that stands for all it is connected with. */
function connected(faces: readonly (readonly number[])[], vertexCount: number): Uint32Array {
  const parent = Uint32Array.from({ length: vertexCount }, (_, i) => i)
  const rootOf = (vertex: number): number => {
    while (parent[vertex] !== vertex) {
      parent[vertex] = parent[parent[vertex]]
      vertex = parent[vertex]
    }
    return vertex
  }
  for (const [first, ...others] of faces) for (const other of others) parent[rootOf(other)] = rootOf(first)
  return parent.map((_, vertex) => rootOf(vertex))
}

/** Which faces belong to an open surface: one with an edge that its faces go along more often one way than the other. */
export function openFaces(faces: readonly (readonly number[])[], vertexCount: number): boolean[] {
  const balance = new Map<number, number>()
  for (const face of faces) {
    face.forEach((from, i) => {
      const to = face[(i + 1) % face.length]
      const edge = Math.min(from, to) * vertexCount + Math.max(from, to)
      balance.set(edge, (balance.get(edge) ?? 0) + (from < to ? 1 : -1))
    })
  }
  const surfaces = connected(faces, vertexCount)
  const open = new Set<number>()
  for (const [edge, count] of balance) if (count !== 0) open.add(surfaces[edge % vertexCount])
  return faces.map(([first]) => open.has(surfaces[first]))
}
