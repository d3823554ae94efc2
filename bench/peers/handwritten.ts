import type { EventsOf } from '../../runtime/index.ts'
import { secondsOf } from '../harness/measure.ts'
import { digestOf, type Crowd, type CrowdMember } from '../models/crowd.ts'
import { reloadSteps, Sentry, sentryStart, sentryTraffic, watchSteps } from '../models/sentry.ts'
import { period } from '../models/traffic.ts'

export type SentryEvent = EventsOf<typeof Sentry.receives>
export type SentryState = 'duty.patrolling' | 'duty.watching' | 'duty.resting' | 'engaged.aiming' | 'engaged.firing' | 'engaged.reloading' | 'fleeing' | 'downed'

/** The fields of a sentry's context. */
export const sentryFields = Object.keys(sentryStart)

/** The events of all sentries, by step and row. */
export function sentryEvents(agents: number): readonly (readonly SentryEvent[])[] {
  return sentryTraffic.events(agents) as unknown as readonly (readonly SentryEvent[])[]
}

/** The sentry as one writes it without a library: an object for each agent that changes in place, a switch on its state, in each case a switch on the event. */
class HandwrittenSentry {
  state: SentryState = 'duty.patrolling'
  health: number = sentryStart.health
  energy: number = sentryStart.energy
  range: number = sentryStart.range
  ammo: number = sentryStart.ammo
  shots: number = sentryStart.shots
  zone: number = sentryStart.zone
  panics: number = sentryStart.panics
  ignored: number = sentryStart.ignored
  /** Step at which its timer is due; Infinity without one. */
  due = Infinity

  fire(now: number): void {
    if (this.due > now) return
    this.due = Infinity
    if (this.state === 'duty.watching') this.patrol()
    else {
      this.ammo = 6
      this.state = 'engaged.aiming'
    }
  }

  get member(): CrowdMember {
    const { state, health, energy, range, ammo, shots, zone, panics, ignored } = this
    return { states: [state], context: { health, energy, range, ammo, shots, zone, panics, ignored } }
  }

  take(event: SentryEvent, now: number): void {
    switch (this.state) {
      case 'duty.patrolling':
      case 'duty.watching':
      case 'duty.resting':
        this.takeOnDuty(event, now)
        break
      case 'engaged.aiming':
      case 'engaged.firing':
      case 'engaged.reloading':
        this.takeEngaged(event, now)
        break
      case 'fleeing':
        this.takeFleeing(event)
        break
      case 'downed':
        this.takeDowned(event)
    }
  }

  private patrol(): void {
    this.due = Infinity
    this.state = this.energy < 10 ? 'duty.resting' : 'duty.patrolling'
  }

  private shoot(): void {
    this.state = 'engaged.firing'
    this.shots++
    this.ammo--
    this.energy -= 1
  }

  private hit(damage: number): void {
    this.health -= damage
    if (this.health >= 30) return
    this.due = Infinity
    if (this.health <= 0) {
      this.health = 0
      this.state = 'downed'
    } else {
      this.state = 'fleeing'
      this.panics++
    }
  }

  private heal(amount: number): void {
    this.health = Math.min(100, this.health + amount)
  }

  private takeOnDuty(event: SentryEvent, now: number): void {
    switch (event.type) {
      case 'Hit':
        this.hit(event.damage)
        break
      case 'Heal':
        this.heal(event.amount)
        break
      case 'Order':
        this.zone = event.zone
        break
      case 'Spotted':
        this.range = event.range
        this.due = event.range < 10 ? Infinity : now + watchSteps
        this.state = event.range < 10 ? 'engaged.aiming' : 'duty.watching'
        break
      case 'Lost':
        if (this.state === 'duty.watching') this.patrol()
        break
      case 'STEP':
        this.stepOnDuty()
        break
      case 'Supply':
        break
    }
  }

  private stepOnDuty(): void {
    if (this.state === 'duty.patrolling') {
      this.energy -= 3
      if (this.energy < 10) this.state = 'duty.resting'
    } else if (this.state === 'duty.watching') this.energy -= 0.5
    else if (this.energy >= 80) this.state = 'duty.patrolling'
    else this.energy += 3
  }

  private takeEngaged(event: SentryEvent, now: number): void {
    switch (event.type) {
      case 'Hit':
        this.hit(event.damage)
        break
      case 'Heal':
        this.heal(event.amount)
        break
      case 'Lost':
        if (event.seconds > 2) this.patrol()
        break
      case 'Supply':
        if (this.state === 'engaged.reloading' && event.rounds > 0) {
          this.due = Infinity
          this.ammo = event.rounds
          this.state = 'engaged.aiming'
        }
        break
      case 'STEP':
        this.stepEngaged(now)
        break
      case 'Order':
      case 'Spotted':
        break
    }
  }

  private stepEngaged(now: number): void {
    if (this.state === 'engaged.aiming') {
      if (this.ammo > 0) this.shoot()
      else {
        this.state = 'engaged.reloading'
        this.due = now + reloadSteps
      }
    } else if (this.state === 'engaged.firing') {
      if (this.ammo > 0 && this.range < 8) this.shoot()
      else this.state = 'engaged.aiming'
    } else this.energy -= 0.75
  }

  private takeFleeing(event: SentryEvent): void {
    switch (event.type) {
      case 'Hit':
        this.hit(event.damage)
        break
      case 'Heal':
        this.heal(event.amount)
        if (event.amount >= 10) this.patrol()
        break
      case 'STEP':
        if (this.health >= 50) this.patrol()
        else this.health += 1
        break
      case 'Spotted':
      case 'Lost':
      case 'Order':
      case 'Supply':
        break
    }
  }

  private takeDowned(event: SentryEvent): void {
    if (event.type === 'Heal') {
      this.health = event.amount + 40
      this.energy = 60
      this.patrol()
    } else this.ignored++
  }
}

/** Sentries without a library. */
export function startHandwritten(agents: number): Crowd {
  const events = sentryEvents(agents)
  const sentries = Array.from({ length: agents }, () => new HandwrittenSentry())
  const step = (now: number): void => {
    const arriving = events[now % period]
    for (let row = 0; row < agents; row++) {
      const sentry = sentries[row]
      sentry.fire(now)
      sentry.take(arriving[row], now)
      sentry.take({ type: 'STEP' }, now)
    }
  }
  return {
    run: (begin, end) =>
      secondsOf(() => {
        for (let now = begin; now < end; now++) step(now)
      }),
    digest: () => digestOf(sentries.map(({ member }) => member), sentryFields),
  }
}
