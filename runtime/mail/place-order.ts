/** Sorts places in an array of words by what stands there. Its room is kept: sorting makes no garbage. */
export class PlaceOrder {
  /** The places. */
  places = new Uint32Array(64)
  /** Room to merge runs of them. */
  private merged = new Uint32Array(64)

  /** Makes room for so many places; when there was less, the old ones are lost. */
  reserve(count: number): void {
    if (count <= this.places.length) return
    this.places = new Uint32Array(2 * count)
    this.merged = new Uint32Array(2 * count)
  }

  /** Sorts the first `count` places by the word `key` words after each, stably: runs of one, two, four, ... are merged in pairs. */
  sort(words: Uint32Array, key: number, count: number): void {
    for (let width = 1; width < count; width *= 2) {
      const { places, merged } = this
      for (let low = 0; low < count; low += 2 * width) {
        const middle = Math.min(low + width, count)
        const high = Math.min(middle + width, count)
        let a = low
        let b = middle
        for (let to = low; to < high; to++) {
          const isFirst = b === high || (a < middle && words[places[a] + key] <= words[places[b] + key])
          merged[to] = isFirst ? places[a++] : places[b++]
        }
      }
      this.places = merged
      this.merged = places
    }
  }
}
