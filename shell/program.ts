import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Overlay } from '../compositor/index.ts'
import { contents, formats } from './export/choices.ts'
import type { LogOptions } from './log.ts'
import { reportFailure } from './output.ts'
import { pictureChannels, pictureOverlays } from './render/choices.ts'
import type { OpeningScreen } from './tui/screen/opening.ts'

/** A parser of whole numbers in a range, for options and arguments. */
function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max) throw new InvalidArgumentError(`Give a whole number from ${String(min)} to ${String(max)}.`)
    return value
  }
}

const stallSecondsMax = 86_400

function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0 || value > stallSecondsMax) throw new InvalidArgumentError(`Give seconds above 0, up to ${String(stallSecondsMax)}.`)
  return value
}

const edgeMax = 16_384

/** The size of pictures, like 1280x720. */
function pictureSize(text: string): { readonly width: number; readonly height: number } {
  const [, width, height] = (/^(\d+)x(\d+)$/.exec(text) ?? []).map(Number)
  if (!(width >= 1 && height >= 1 && width <= edgeMax && height <= edgeMax)) throw new InvalidArgumentError('Give columns and lines, like 1280x720.')
  return { width, height }
}

/** Metres from and to, like 2..40. */
function depthRange(text: string): { readonly near: number; readonly far: number } {
  const [, near, far] = (/^(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)$/.exec(text) ?? []).map(Number)
  if (!(near < far)) throw new InvalidArgumentError('Give metres from and to, like 2..40.')
  return { near, far }
}

const byteUnits: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 }

/** A size like `256MB`, `1.5GiB` or plain bytes. */
function size(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text)
  const unit = match === null ? undefined : (byteUnits[match[2].toLowerCase()] as number | undefined)
  if (match === null || unit === undefined) throw new InvalidArgumentError('Give a size: 256MB, 1.5GiB, or bytes.')
  return Math.floor(Number(match[1]) * unit)
}

/** A recording's file, also without its ending. */
function recordingFile(path: string): string {
  return !existsSync(path) && existsSync(`${path}.mcap`) ? `${path}.mcap` : path
}

/** Names separated by commas. */
function names(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim())
}

/** What to draw over pictures, separated by commas. */
function overlays(text: string): readonly Overlay[] {
  return names(text).map((name) => {
    const found = pictureOverlays.find((each) => each === name)
    if (found === undefined) throw new InvalidArgumentError(`Give some of ${pictureOverlays.join(', ')}.`)
    return found
  })
}

const workers = new Option('--workers <n>', 'simulation threads; never changes a result (default: the cores)').argParser(whole(1, 64))
const json = new Option('--json', 'print one JSON object for programs')
const fsync = new Option('--fsync <when>', 'when what is recorded is brought to the disk: as the system likes, every second, or before the next step').choices(['never', 'interval', 'step']).default('never')
const sign = new Option('--sign <key>', 'sign the recording with this Ed25519 private key (PEM)')
const stall = new Option('--stall <seconds>', 'time a thread may take over one step').argParser(seconds)
const seekBudget = new Option('--seek-budget <ms>', 'time that going to any step of the recording may cost: keyframes are spaced by it (default: 100)').argParser(whole(1, 60_000))
const rotate = new Option('--rotate <size>', 'record in parts of about this size, like 256MB: FILE, then FILE with .1, .2 and so on before its ending').argParser(size)
const keep = new Option('--keep <n>', 'keep only so many parts, the last ones (default: all)').argParser(whole(1, 1_000_000))
const log = new Option('--log <level>', 'log to stderr').choices(['trace', 'debug', 'info', 'warn', 'error'])
const logFile = new Option('--log-file <file>', 'log to a file instead')

type Loader = () => Promise<(...args: never[]) => Promise<void>>

/** What is common to the options of all commands, and what may make one show something on a screen. */
type CommonOptions = LogOptions & { readonly json?: boolean; readonly tui?: boolean; readonly once?: boolean; readonly stream?: boolean }

/** Says what a command opens on a screen, where it is to be shown on one. */
type OnScreen = (options: CommonOptions, first: string | undefined) => string | undefined

/** Runs a command's implementation, loaded when it is needed, and reports what it throws. A screen is opened before, and says that something happens: who leaves it by then wants none of it. */
function run(load: Loader, openedBy: OnScreen = () => undefined): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const options = args.at(-2) as CommonOptions
    const { openLog } = await import('./log.ts')
    const log = await openLog(options)
    let screen: OpeningScreen | undefined
    try {
      const opened = openedBy(options, args[0] as string | undefined)
      if (opened !== undefined) screen = (await import('./tui/screen/opening.ts')).openScreen(opened)
      const implementation = (await load()) as (...parts: unknown[]) => Promise<void>
      if (screen?.hasLeft === true) screen.close()
      else await implementation(...args.slice(0, -2), { ...options, screen }, log)
    } catch (error) {
      screen?.close()
      await reportFailure(error, options.json === true, log)
    }
  }
}

const defaultWorld = 'arena'
const worldFile = new Option('--world <path>', "the world's file, when it is no longer where it was")

/** What every command has: the options for programs and logs, and an example in its help. */
function complete(command: Command, example: string): void {
  command.addOption(json).addOption(log).addOption(logFile).addHelpText('after', `\nExample:\n  $ ${example}`)
}

function addRun(program: Command): void {
  const command = program
    .command('run')
    .summary('run a world')
    .description('Run a world on all cores, recorded: a built-in one (arena, flocking, meadow) or the file of your own. Settings are given as key=value.')
    .argument('[world]', 'name or path', defaultWorld)
    .argument('[settings...]', 'key=value')
    .option('--seed <n>', 'seed of all randomness', whole(0, Number.MAX_SAFE_INTEGER), 0)
    .option('--steps <n>', 'stop before this step (default: run until Ctrl-C)', whole(0, Number.MAX_SAFE_INTEGER))
    .addOption(workers)
    .option('--record <file>', 'where to record (default: runs/<world>-<seed>-<id>.mcap); a finished recording there is replaced')
    .option('--no-record', 'do not record')
    .addOption(fsync)
    .addOption(seekBudget)
    .addOption(rotate)
    .addOption(keep)
    .addOption(sign)
    .option('--channels <names>', 'record these too, separated by commas: observations, actions, rewards, messages, states, metrics, logs, frames, frameHashes', names)
    .option('--inputs <run>', 'take the inputs of this recording')
    .option('--config <file>', 'YAML file of settings')
    .option('--check', 'look for writes to foreign rows and for order dependence; runs on one thread')
    .addOption(new Option('--machines <how>', 'compiled, watched (every function is called twice) or interpreted by XState itself: slow, with the same bits (default: compiled, with --check watched)').choices(['compiled', 'watched', 'interpreted']))
    .addOption(stall)
    .option('--tui', 'show it on a screen: watch, stop, step back, ask why')
    .action(run(async () => (await import('./commands/run.ts')).runCommand, ({ tui }, world = defaultWorld) => (tui === true ? (world.includes('=') ? defaultWorld : world) : undefined)))
  complete(command, 'metabonk run arena agents=32 --seed 7 --steps 2000 --record out/a.mcap')
}

function addTop(program: Command): void {
  complete(
    program
      .command('top')
      .summary('look at a run')
      .description('Look at a run that is going on in another terminal, without changing what comes out: its speed, its agents by state, what its threads do.')
      .argument('[run]', 'number of its process, name of its world, or a recording, which is shown at its last step (default: the only run there is)', recordingFile)
      .option('--once', 'print one snapshot and end')
      .addOption(new Option('--stream', 'print a line of JSON each second, until the run ends or Ctrl-C').conflicts('once'))
      .addOption(worldFile)
      .action(run(async () => (await import('./commands/top.ts')).topCommand, ({ once, stream }, name = 'what is running') => (once === true || stream === true ? undefined : name))),
    'metabonk top --once --json',
  )
}

function addReplays(program: Command): void {
  complete(
    program
      .command('verify')
      .summary('prove a recording')
      .description('Run a recording again, compare every hash, and check every checksum of its file. A difference is named by step, agent, column and both values.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .option('--key <base64>', 'public key (SPKI) that it must be signed with')
      .addOption(workers)
      .addOption(worldFile)
      .action(run(async () => (await import('./commands/replays.ts')).verifyCommand)),
    'metabonk verify out/a.mcap --workers 1',
  )
  complete(
    program
      .command('replay')
      .summary('run a recording again')
      .description('Replay a recording to a step, comparing every hash on the way.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .option('--to <step>', 'stop at this step (default: the last)', whole(0, Number.MAX_SAFE_INTEGER))
      .option('--tui', 'show it on a screen, at its first step or that of --to')
      .addOption(workers)
      .addOption(worldFile)
      .action(run(async () => (await import('./commands/replays.ts')).replayCommand, ({ tui }, path) => (tui === true ? path : undefined))),
    'metabonk replay out/a.mcap --to 500',
  )
  complete(
    program
      .command('seek')
      .summary('look at one moment')
      .description('Restore the state of a recorded run at a step: from the keyframe before it, replayed and checked.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .argument('<step>', 'step', whole(0, Number.MAX_SAFE_INTEGER))
      .option('--agent <kind:row>', 'show all columns of an agent')
      .addOption(worldFile)
      .action(run(async () => (await import('./commands/replays.ts')).seekCommand)),
    'metabonk seek out/a.mcap 1200 --agent enemy:3',
  )
}

const most = new Option('--most <n>', 'tell at most so many (default: 20)').argParser(whole(1, 1_000_000))

function addCompare(program: Command): void {
  complete(
    program
      .command('diff')
      .summary('compare two runs')
      .description('Name the first step in which two recorded runs differ, and what is different there: agent, column, both values, and the last messages both have.')
      .argument('<a>', 'recording A')
      .argument('<b>', 'recording B')
      .option('--world-a <path>', "A's world, when it is no longer where it was")
      .option('--world-b <path>', "B's world, when it is no longer where it was")
      .addOption(most)
      .action(run(async () => (await import('./commands/travel.ts')).diffCommand)),
    'metabonk diff out/a.mcap out/b.mcap',
  )
  complete(
    program
      .command('bisect')
      .summary('find the first step that differs')
      .description('Find the first step in which two recordings differ, by their hashes alone; or in which a recording comes out otherwise with another build of its world (--world) or other settings.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .argument('[other...]', 'another recording, or key=value')
      .option('--world <path>', 'run it with this world instead')
      .addOption(workers)
      .addOption(most)
      .action(run(async () => (await import('./commands/travel.ts')).bisectCommand)),
    'metabonk bisect out/a.mcap --world changed/world.ts',
  )
}

function addQuestions(program: Command): void {
  complete(
    program
      .command('find')
      .summary('find the steps at which something holds')
      .description('Find the steps of a recorded run at which a condition on its agents holds.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .argument('<expression>', "like: enemy.health < 5 and state == 'fleeing'")
      .option('--from <step>', 'first step to look at', whole(0, Number.MAX_SAFE_INTEGER))
      .option('--to <step>', 'last step to look at', whole(0, Number.MAX_SAFE_INTEGER))
      .option('--backwards', 'the latest first')
      .addOption(most)
      .addOption(workers)
      .addOption(worldFile)
      .action(run(async () => (await import('./commands/travel.ts')).findCommand)),
    "metabonk find out/a.mcap 'killer[0].health < 10' --backwards",
  )
  complete(
    program
      .command('why')
      .summary('ask where a value comes from')
      .description('Walk back to the step that last changed a column of an agent, and name what did it: input, machine, system, birth, and the message behind it.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .argument('<step>', 'step', whole(0, Number.MAX_SAFE_INTEGER))
      .argument('<target>', 'kind[row].column, or kind[row].state')
      .addOption(workers)
      .addOption(worldFile)
      .action(run(async () => (await import('./commands/travel.ts')).whyCommand)),
    "metabonk why out/a.mcap 1200 'killer[0].health'",
  )
}

function addEvidence(program: Command): void {
  complete(
    program
      .command('evidence')
      .summary('keep pictures of what happened')
      .description('Find the steps at which a condition newly holds, and write what the agent concerned saw around each of them as PNG pictures, with the events of those steps. Black pictures are left out. The world must have pictures: obs=pixels in the arena.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .option('--on <expression>', 'the condition (default: a reward that is not 0)')
      .option('--around <n>', 'steps to keep before and after', whole(0, 1000), 3)
      .option('--out <folder>', 'where to write (default: beside the recording, <run>-evidence)')
      .option('--agent <kind:row>', 'whose pictures to keep')
      .option('--most <n>', 'keep at most so many moments (default: 100)', whole(1, 1_000_000))
      .addOption(workers)
      .addOption(worldFile)
      .action(run(async () => (await import('./commands/evidence.ts')).evidenceCommand)),
    "metabonk evidence out/pixels.mcap --on 'scout.reward > 0.5' --out out/evidence",
  )
}

function addRender(program: Command): void {
  complete(
    program
      .command('render')
      .summary('pictures and films of a run')
      .description('Replay a recording and show what its cameras saw: as a film (.mp4 and .webm through ffmpeg, .y4m, .gif), as a picture (.png) or in the terminal. Several agents make a contact sheet; so do several steps in one .png, unless its name has a place for the number of the step (%06d).')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .option('--agent <ids>', 'who sees, separated by commas: kind:row, kind:0..7, or a number alone, which counts the kinds with cameras in turn', names)
      .option('--camera <names>', 'free cameras of the world, separated by commas', names)
      .option('--out <file>', 'where to, by its ending: .mp4, .webm, .gif, .png or .y4m')
      .option('--term', 'show it in the terminal')
      .option('--from <step>', 'first step (default: 0 of a film, the last of a picture)', whole(0, Number.MAX_SAFE_INTEGER))
      .option('--to <step>', 'last step (default: the last of a film, the first of a picture)', whole(0, Number.MAX_SAFE_INTEGER))
      .option('--every <n>', 'only every so many steps', whole(1, Number.MAX_SAFE_INTEGER))
      .option('--size <size>', 'columns and lines, like 1280x720 (default: what the world gave the camera)', pictureSize)
      .addOption(new Option('--channel <name>', 'what to show (default: rgb)').choices(pictureChannels))
      .option('--depth-range <range>', 'metres that the colours of depths reach from and to, like 2..40 (default: what the first step shows)', depthRange)
      .option('--quality', 'smooth edges: the mean of 4 x 4 samples for each pixel')
      .option('--with <run>', 'another recording beside it, and what differs marked', recordingFile)
      .option('--overlay <names>', `draw over it, separated by commas: ${pictureOverlays.join(', ')}`, overlays)
      .option('--trail <n>', 'steps that paths reach back (default: 20)', whole(1, 1000))
      .option('--label', 'write agent and step below')
      .option('--fps <n>', "pictures a second (default: the world's own time, from 1 to 60)", whole(1, 240))
      .option('--force', 'replace files that exist')
      .addOption(worldFile)
      .action(run(async () => (await import('./commands/render.ts')).renderCommand)),
    'metabonk render out/p.mcap --agent scout:3 --from 100 --to 400 --out out/scout.gif',
  )
}

/** Collects an option that is given more than once. */
function also<T>(parse: (text: string) => T): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return (text, before = []) => [...before, parse(text)]
}

function addOnward(program: Command): void {
  complete(
    program
      .command('resume')
      .summary('go on with a run')
      .description('Go on with a recorded run in the same file: one that was killed, or one that has ended. It comes to the same states as if it had never been interrupted.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .option('--steps <n>', 'stop before this step (default: where it was to end)', whole(0, Number.MAX_SAFE_INTEGER))
      .addOption(workers)
      .addOption(fsync)
      .addOption(seekBudget)
      .addOption(rotate)
      .addOption(keep)
      .addOption(sign)
      .addOption(worldFile)
      .addOption(stall)
      .action(run(async () => (await import('./commands/onward.ts')).resumeCommand)),
    'metabonk resume out/a.mcap --steps 5000',
  )
  complete(
    program
      .command('fork')
      .summary('what if')
      .description('Make a run that shares the states of a recorded one up to a step, and goes its own way from there: with other live settings (key=value), other values, or without an input.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .argument('[settings...]', 'key=value')
      .requiredOption('--at <step>', 'the last state both have', whole(0, Number.MAX_SAFE_INTEGER))
      .option('--set <assignment>', 'kind[row].column=value; may be given more than once', also(String))
      .option('--drop-input <n>', 'do without this input, counted from 0; may be given more than once', also(whole(0, Number.MAX_SAFE_INTEGER)))
      .option('--steps <n>', 'stop before this step (default: where the recorded run ends)', whole(0, Number.MAX_SAFE_INTEGER))
      .option('--record <file>', 'where to record (default: runs/<world>-fork-<seed>-<id>.mcap)')
      .addOption(workers)
      .addOption(fsync)
      .addOption(seekBudget)
      .addOption(rotate)
      .addOption(keep)
      .addOption(sign)
      .addOption(worldFile)
      .addOption(stall)
      .action(run(async () => (await import('./commands/onward.ts')).forkCommand)),
    "metabonk fork out/a.mcap --at 500 difficulty=2 --set 'killer[0].health=1' --record out/b.mcap",
  )
}

function addFiles(program: Command): void {
  complete(
    program
      .command('info')
      .summary('what a recording holds')
      .description('Tell what a recording holds, without running anything: world, settings, steps, inputs, keyframes, streams, versions, seal.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .action(run(async () => (await import('./commands/files.ts')).infoCommand)),
    'metabonk info out/a.mcap',
  )
  complete(
    program
      .command('recover')
      .summary('make a torn recording whole')
      .description('Copy what a torn recording holds, up to its last complete chunk, into a whole one.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .requiredOption('--out <file>', 'where to write it')
      .addOption(sign)
      .action(run(async () => (await import('./commands/files.ts')).recoverCommand)),
    'metabonk recover out/torn.mcap --out out/whole.mcap',
  )
  complete(
    program
      .command('compress')
      .summary('make a recording smaller')
      .description('Copy a recording with its chunks compressed by Zstandard; it is read, replayed and verified like the other.')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .requiredOption('--out <file>', 'where to write it')
      .addOption(sign)
      .action(run(async () => (await import('./commands/files.ts')).compressCommand)),
    'metabonk compress out/a.mcap --out out/a.zst.mcap',
  )
}

function addExport(program: Command): void {
  complete(
    program
      .command('export')
      .summary('write a run for other tools')
      .description('Replay a recording and write what it holds to files that other tools read: tables (parquet, csv, jsonl), arrays for NumPy of what policies saw and did (npz), or messages that Foxglove draws (foxglove).')
      .argument('<run>', 'recording; .mcap may be left out', recordingFile)
      .addOption(new Option('--to <format>', 'what to write').choices(formats).makeOptionMandatory())
      .addOption(new Option('--what <content>', 'what tables are of (default: agents)').choices(contents))
      .option('--out <path>', "where to (default: beside the recording, under its name with the format's ending)")
      .option('--from <step>', 'first step', whole(0, Number.MAX_SAFE_INTEGER))
      .option('--until <step>', 'last step (default: the last)', whole(0, Number.MAX_SAFE_INTEGER))
      .option('--every <n>', 'only every so many steps', whole(1, Number.MAX_SAFE_INTEGER))
      .option('--kind <name...>', 'only agents of these kinds')
      .option('--camera <kind:row...>', 'the pictures of these agents, for foxglove')
      .option('--force', 'replace files that exist')
      .addOption(worldFile)
      .action(run(async () => (await import('./commands/export.ts')).exportCommand)),
    'metabonk export out/a.mcap --to parquet --kind enemy --every 10',
  )
}

function addNew(program: Command): void {
  complete(
    program
      .command('new')
      .summary('write a small world of your own')
      .description('Write a folder with a small world that runs as it is.')
      .argument('<name>', 'name of the folder and the world')
      .action(run(async () => (await import('./commands/new.ts')).newCommand)),
    'metabonk new demo && metabonk run demo/world.ts',
  )
}

function addDoctor(program: Command): void {
  complete(
    program
      .command('doctor')
      .summary('check this machine')
      .description('Check what MetaBonk needs of this machine, and that it computes what it should.')
      .action(run(async () => (await import('./commands/doctor.ts')).doctorCommand)),
    'metabonk doctor',
  )
}

function addDebug(program: Command): void {
  const command = program.command('debug').summary('look inside').description('Look at what MetaBonk keeps on this machine.')
  complete(
    command
      .command('slabs')
      .summary('list slabs shared between processes')
      .description('List the named slabs in /dev/shm, with the processes that made them: alive, dead, or unknown where that can\'t be told.')
      .option('--remove', 'remove the slabs of dead processes')
      .action(run(async () => (await import('./commands/debug.ts')).debugSlabsCommand)),
    'metabonk debug slabs --remove',
  )
  complete(
    command
      .command('slab')
      .summary('look into one of them')
      .description('List the regions of a named slab: what they hold, where they lie, and what its rings have carried.')
      .argument('<name>', 'name of the slab, as metabonk debug slabs shows it')
      .action(run(async () => (await import('./commands/debug.ts')).debugSlabCommand)),
    'metabonk debug slab trainer',
  )
  complete(
    command
      .command('machines')
      .summary('look at the machines of a world')
      .description('List the machines of a world: their states, events and sizes. Draw them, or count the agents of a recorded run by state.')
      .argument('[world]', "name or path; with --counts the recording's own")
      .option('--kind <name>', 'only the machine of this kind')
      .addOption(new Option('--mermaid', 'draw them as Mermaid state diagrams').conflicts(['dot', 'counts']))
      .addOption(new Option('--dot', 'draw them for Graphviz').conflicts('counts'))
      .option('--counts <run>', 'count the agents in each state at a step of this recording')
      .option('--step <n>', 'the step to count at (default: the last)', whole(0, Number.MAX_SAFE_INTEGER))
      .action(run(async () => (await import('./commands/machines.ts')).debugMachinesCommand)),
    'metabonk debug machines arena --kind enemy --dot | dot -Tsvg > enemy.svg',
  )
}

/** The command line: everyday commands first. */
export function buildCommands(): Command {
  const { version } = createRequire(import.meta.url)('metabonk/package.json') as { readonly version: string }
  const program = new Command('metabonk')
    .description('Deterministic lock-step simulation of swarms: every state is a pure function of (step, seed).')
    .version(version)
    .exitOverride()
    // What is wrong is told by reportFailure, like every other error.
    .configureOutput({ outputError: () => undefined })
  program.commandsGroup('Everyday commands:')
  addRun(program)
  addTop(program)
  addReplays(program)
  addNew(program)
  program.commandsGroup('Time travel:')
  addCompare(program)
  addQuestions(program)
  addEvidence(program)
  addRender(program)
  addOnward(program)
  program.commandsGroup('Recordings:')
  addFiles(program)
  addExport(program)
  program.commandsGroup('Other commands:')
  addDoctor(program)
  addDebug(program)
  program.helpCommand('help [command]', 'display help for command')
  return program
}
