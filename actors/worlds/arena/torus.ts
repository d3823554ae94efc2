/** A coordinate brought back onto the torus, as f32 holds it: rounding may reach the far border, which is 0. */
export function onto(at: number, size: number): number {
  const inside = Math.fround(at - Math.floor(at / size) * size)
  return inside < size ? inside : 0
}
