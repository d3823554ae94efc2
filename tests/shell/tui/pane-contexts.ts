/** Invented moments of runs that look like real ones, for panes to be drawn from. */
import type { LiveVitals } from '../../../actors/index.ts'
import type { AgentView, CameraView, KindAbout, MapView, RunAbout, TableView, View } from '../../../shell/tui/model/model.ts'
import type { PaneContext } from '../../../shell/tui/panes/pane.ts'
import { themeOf, type ThemeName } from '../../../shell/tui/screen/theme.ts'

/** A wave between 0 and 1 that looks like something measured. */
function wave(at: number, phase: number): number {
  return 0.5 + 0.3 * Math.sin(at / 7 + phase) + 0.2 * Math.sin(at / 2.3 + 2 * phase)
}

function kindAbout(name: string, rowsMax: number, learns: boolean): KindAbout {
  const columns = [
    { name: 'at', type: 'vec f32[2]', isNumber: false, published: true },
    { name: 'health', type: 'f32', isNumber: true, published: false },
    { name: 'tier', type: 'u16', isNumber: true, published: false },
    { name: 'heading', type: 'vec f32[2]', isNumber: false, published: false },
    { name: 'ready', type: 'u32', isNumber: true, published: false },
    { name: 'slain', type: 'bool', isNumber: true, published: false },
  ]
  return { name, rowsMax, columns, hasMachine: name !== 'gem', hasCamera: learns, hasPolicy: learns }
}

const kindNames = ['tank', 'scout', 'enemy', 'gem'] as const

const about: RunAbout = {
  world: 'arena',
  seed: 42,
  recording: 'runs/arena-42-5bde43.mcap',
  workers: 4,
  pid: 41_207,
  config: { heroes: 512 },
  kinds: [kindAbout('tank', 1024, true), kindAbout('scout', 1024, true), kindAbout('enemy', 16_384, false), kindAbout('gem', 8192, false)],
  phases: ['waiting', 'publish, deliver and hash', 'settle', 'decide of enemy', 'decide of tank', 'enemies move', 'heroes move', 'observe'],
  until: 20_000,
  stepMillis: 50,
  space: { width: 512, height: 512 },
}

const states = { tank: ['idle', 'fighting', 'fleeing', 'down'], scout: ['idle', 'exploring', 'fleeing', 'down'], enemy: ['roaming', 'hunting', 'striking', 'staggered', 'dying'], gem: [] } as const
const numbers = { tank: [12, 403, 58, 39], scout: [40, 391, 70, 11], enemy: [5210, 2904, 1650, 190, 46], gem: [] } as const

/** Swirls of agents: what a map of an arena looks like. */
export function mapView(width: number, height: number): MapView {
  const [kinds, counts] = [new Uint8Array(width * height), new Uint16Array(width * height)]
  for (let agent = 0; agent < 6000; agent++) {
    const turn = agent * 2.399963
    const radius = Math.sqrt(agent / 6000) * (0.75 + 0.25 * Math.sin(3 * turn))
    const [x, y] = [Math.floor((0.5 + 0.49 * radius * Math.cos(turn)) * width), Math.floor((0.5 + 0.49 * radius * Math.sin(turn)) * height)]
    const at = y * width + x
    kinds[at] = agent < 300 ? 1 : agent % 9 === 0 ? 4 : agent % 31 === 0 ? 2 : 3
    counts[at]++
  }
  return { width, height, kinds, counts, at: { x: width >> 1, y: height >> 2 } }
}

/** Sky, ground and something red. */
function cameraView(width: number, height: number): CameraView {
  const rgb = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isEnemy = Math.abs(x - width * 0.6) < width * 0.08 && y > height * 0.35 && y < height * 0.7
      const [red, green, blue] = isEnemy ? [200, 60, 50] : y < height / 2 ? [90, 130, 180 + (60 * y) / height] : [70, 110 - (60 * (height - y)) / height, 60]
      rgb.set([red, green, blue], 3 * (y * width + x))
    }
  }
  return { width, height, rgb, kind: 'tank', row: 17, channel: 'rgb', step: 12_345 }
}

const table: TableView = {
  kind: 'enemy',
  total: 10_000,
  from: 120,
  rows: Array.from({ length: 40 }, (_, index) => ({
    row: 131 + 3 * index,
    state: states.enemy[index % 4],
    cells: [`${(511 * wave(index, 1)).toFixed(2)}, ${(511 * wave(index, 2)).toFixed(2)}`, (100 * wave(index, 3)).toFixed(1), String(index % 5), '0.71, -0.7', String(12_000 + 41 * index), String(index % 7 === 0)],
  })),
  fault: undefined,
}

const agent: AgentView = {
  kind: 'tank',
  row: 17,
  alive: true,
  generation: 3,
  state: 'fighting',
  fields: [
    { name: 'at', type: 'vec f32[2]', value: '255.25, 131.5', unit: 'm' },
    { name: 'fate', type: 'enum', value: 'standing' },
    { name: 'health', type: 'f32', value: '86.5' },
    { name: 'healthMax', type: 'f32', value: '120' },
    { name: 'level', type: 'u16', value: '7' },
    { name: 'kills', type: 'u32', value: '41' },
    { name: 'age', type: 'u32', value: '1204', unit: 'steps' },
    { name: 'charted', type: 'vec u32[8]', value: '0, 0, 12582912, 14680064, 3145728, 0, 0, 0' },
    { name: 'action', type: 'u8', value: '5' },
    { name: 'actionMask', type: 'vec u8[9]', value: '1, 1, 1, 1, 1, 1, 1, 0, 1' },
    { name: 'reward', type: 'f32', value: '0.25' },
    { name: 'terminated', type: 'bool', value: 'false' },
    { name: 'truncated', type: 'bool', value: 'false' },
  ],
  inbox: ['Hit from enemy[204]: damage 3.5', 'Granted from gem[12]: xp 4'],
}

const view: View = {
  step: 12_345,
  hash: '8b10c294c89c14cf',
  kinds: kindNames.map((name) => ({
    name,
    agents: name === 'gem' ? 3120 : numbers[name].reduce((sum: number, number) => sum + number, 0),
    rows: 10_240,
    deaths: 48_211,
    refused: name === 'enemy' ? 12 : 0,
    states: states[name].map((state, index) => ({ state, agents: numbers[name][index] })),
    reward: name === 'tank' || name === 'scout' ? { sum: name === 'tank' ? 41.25 : -3.5, terminated: 2, truncated: 1 } : undefined,
  })),
  report: { heroes: 1024, enemies: 10_000, gems: 3120, kills: 48_211, deaths: 907, reward: 7.68, policyLoss: 0.0214, entropy: 1.873 },
  table,
  agent,
  map: mapView(80, 80),
  camera: cameraView(36, 36),
}

const vitals: LiveVitals = {
  step: 12_345,
  paused: false,
  stops: [],
  pace: undefined,
  ended: undefined,
  phases: [0, 1, 2, 3].map((worker) => [300 + 90 * worker, 80, 30, 260 - 20 * worker, 90, 150, 70 - 10 * worker, 120]),
  rings: [
    { name: 'feed', bytesUsed: 180_224, bytes: 1_048_576, highWater: 655_360, stalls: 0, drops: 0, records: 1_234_567 },
    { name: 'outbox 0', bytesUsed: 61_000, bytes: 65_536, highWater: 65_536, stalls: 14, drops: 0, records: 88_123 },
    { name: 'outbox 1', bytesUsed: 2048, bytes: 65_536, highWater: 9000, stalls: 0, drops: 3, records: 86_002 },
  ],
  slabs: [
    { name: 'tables', bytesUsed: 3_400_000, bytesReserved: 8_388_608 },
    { name: 'frames', bytesUsed: 1_990_656, bytesReserved: 3_981_312 },
  ],
  actors: [
    { name: 'supervisor', state: 'running', event: 'started', step: 0 },
    { name: 'director', state: 'stepping', event: 'step', step: 12_345 },
    { name: 'recorder', state: 'writing', event: 'keyframe', step: 12_300 },
    { name: 'compositor', state: 'faulted', event: 'worker.lost', step: 11_876 },
    { name: 'brain', state: 'thinking', event: 'observed', step: 12_345 },
  ],
}

const curves = [0, -0.4].map((lift) => Array.from({ length: 11 }, (_, phase) => Array.from({ length: 160 }, (_, at) => 40 * (wave(at, phase) + lift))))

/** A plausible series for any name. */
function series(name: string): readonly number[] {
  const phase = name.length + name.charCodeAt(name.length - 1)
  return curves[name.startsWith('reward/') ? 1 : 0][phase % 11]
}

/** A live arena of ten thousand. */
export function arenaContext(theme: ThemeName): PaneContext {
  return {
    theme: themeOf(theme),
    about,
    view,
    vitals,
    mode: 'live',
    stepsPerSecond: 312.42,
    timeline: {
      first: 0,
      last: 12_345,
      at: 12_345,
      keyframes: Array.from({ length: 21 }, (_, index) => 600 * index),
      inputs: [1200, 7321],
      marks: [
        { name: 'first boss', step: 2100 },
        { name: 'all down', step: 9000 },
      ],
      hits: [{ from: 5000, to: 5400 }, { from: 8000, to: 8001 }],
    },
    history: { series },
    log: Array.from({ length: 30 }, (_, index) => ({
      step: index === 4 ? undefined : 12_000 + 12 * index,
      level: (['event', 'event', 'info', 'warn', 'error'] as const)[index % 5],
      text: ['[EPISODE] tank[17] terminated', 'enemy[204] hunting -> striking', 'keyframe written', 'ring outbox 0 is full: a worker waits', 'worker 2 was lost and restarted'][index % 5],
    })),
    chosen: { kind: 'enemy', row: 131, channel: 'rgb', table: { kind: 'enemy', from: 120, count: 40, sort: { by: 'health', descending: true }, filter: '' }, cursor: 123, scroll: {}, transitions: [{ step: 11_870, state: 'roaming' }, { step: 12_204, state: 'hunting' }, { step: 12_331, state: 'striking' }], other: undefined },
    focused: false,
  }
}

/** The same as a recording in which one goes back, an agent compared with another step. */
export function recordedContext(theme: ThemeName): PaneContext {
  const live = arenaContext(theme)
  const fields = agent.fields.map((field) => (field.name === 'health' ? { ...field, value: '120' } : field))
  const other = { name: 'step 12 000', agent: { ...agent, fields, state: 'idle' } }
  return { ...live, vitals: undefined, mode: 'recorded', about: { ...about, pid: undefined }, timeline: { ...live.timeline, at: 6000 }, chosen: { ...live.chosen, other }, focused: true }
}

/** Before the first answer of a run. */
export function waitingContext(theme: ThemeName): PaneContext {
  const live = arenaContext(theme)
  const timeline = { first: 0, last: 0, at: 0, keyframes: [], inputs: [], marks: [], hits: [] }
  return { ...live, view: undefined, vitals: undefined, timeline, history: { series: () => [] }, log: [], stepsPerSecond: 0, chosen: { ...live.chosen, row: undefined } }
}
