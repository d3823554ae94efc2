/**
 * A function that computes its answer for a world once and looks it up in later steps: what is made anew in every step is garbage in every
 * step. What it answers must depend on nothing but seed, settings that stay and objects that stay, as all that a world hands out do.
 *
 * @param holder - What the answer is kept for: the world itself, which is one for each system, or what several of them share.
 */
export function remembered<World extends object, Answer>(compute: (world: World) => Answer, holder: (world: World) => object = (world) => world): (world: World) => Answer {
  const answers = new WeakMap<object, Answer>()
  return (world) => {
    const known = answers.get(holder(world))
    if (known !== undefined) return known
    const answer = compute(world)
    answers.set(holder(world), answer)
    return answer
  }
}
