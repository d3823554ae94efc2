import { math } from '../runtime/index.ts'

/** A rotation as the three axes of what is turned: x forwards, y to its left, z up. R = Rz(yaw) Ry(-pitch) Rx(roll), in f64. */
export class Turn {
  /** Axis after axis, three numbers each. */
  readonly axes = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)
  private yaw = 0
  private pitch = 0
  private roll = 0

  /** Turns by angles in radians; those of the last time cost nothing. */
  to(yaw: number, pitch: number, roll: number): void {
    if (yaw === this.yaw && pitch === this.pitch && roll === this.roll) return
    this.yaw = yaw
    this.pitch = pitch
    this.roll = roll
    const cosine = yaw === 0 ? 1 : math.cos(yaw)
    const sine = yaw === 0 ? 0 : math.sin(yaw)
    if (pitch === 0 && roll === 0) this.flat(cosine, sine)
    else this.full(cosine, sine)
  }

  private flat(cosine: number, sine: number): void {
    const { axes } = this
    axes[0] = cosine
    axes[1] = sine
    axes[2] = 0
    axes[3] = -sine
    axes[4] = cosine
    axes[5] = 0
    axes[6] = 0
    axes[7] = 0
    axes[8] = 1
  }

  private full(cosine: number, sine: number): void {
    const { axes } = this
    const level = math.cos(this.pitch)
    const up = math.sin(this.pitch)
    const upright = math.cos(this.roll)
    const tilt = math.sin(this.roll)
    axes[0] = cosine * level
    axes[1] = sine * level
    axes[2] = up
    axes[3] = -cosine * up * tilt - sine * upright
    axes[4] = cosine * upright - sine * up * tilt
    axes[5] = level * tilt
    axes[6] = sine * tilt - cosine * up * upright
    axes[7] = -sine * up * upright - cosine * tilt
    axes[8] = level * upright
  }
}
