/** Edges that faces go along more often one way than the other: a closed surface has none. */
export function openEdges(faces: readonly (readonly (number | string)[])[]): string[] {
  const balance = new Map<string, number>()
  for (const face of faces) {
    face.forEach((from, i) => {
      const to = face[(i + 1) % face.length]
      // Once around a torus.
      if (from === to) return
      const key = String(from) < String(to) ? `${from} ${to}` : `${to} ${from}`
      balance.set(key, (balance.get(key) ?? 0) + (String(from) < String(to) ? 1 : -1))
    })
  }
  return [...balance].filter(([, count]) => count !== 0).map(([key]) => key)
}

/** Directed edges that a surface has more than once. */
export function repeatedEdges(faces: readonly (readonly (number | string)[])[]): string[] {
  const seen = new Set<string>()
  return faces.flatMap((face) => face.map((from, i) => `${from} ${face[(i + 1) % face.length]}`)).filter((edge) => seen.size === seen.add(edge).size)
}
