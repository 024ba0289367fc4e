import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { excerpt, WorldError } from '../core/index.ts'
import {
  countEpisodes,
  type EpisodeRecorder,
  Recorder,
  type Recording,
  type RefusedScene,
  type RolloutOptions,
  type RolloutTask,
  refusedScenes,
  rollout,
  rolloutTasks,
  scenesWithoutMeaning,
  spectators,
  succeeded,
  summarizeRollout,
  type TriedEpisode,
  WatchServer,
} from '../evaluation/index.ts'
import { refusalCounts, rolloutTable, textTable } from '../report/index.ts'
import { episodeSplits, parseCommand } from '../world/index.ts'
import { Interrupted } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import {
  checkpointOption,
  deviceOption,
  jsonOption,
  parseCount,
  parsePort,
  parseSeed,
  threadsOption,
} from './options.ts'
import { tellOtherEdges, tellOtherRobot } from './other-than-trained.ts'
import type { Output } from './output.ts'
import { progress } from './progress.ts'
import { randomizeFlag } from './randomize-option.ts'
import { rolloutDirectory, type Tried, writeRollout } from './rollout-files.ts'
import {
  listOf,
  type RolledPolicy,
  type RolloutFlags,
  rolledPolicy,
  rolloutOptions,
} from './rollout-flags.ts'
import { rolloutProvenance } from './rollout-provenance.ts'
import { rolloutRecorders } from './rollout-recorders.ts'
import { verifyRollout } from './verify-rollout.ts'

/** Number of recordings in the film, enough for two rows. */
const filmed = 6

/** `visuomotor rollout <model>` */
export function registerRollout(program: Command, output: Output): void {
  program
    .command('rollout')
    .description('let a policy act in simulation: how often it does what it is told, and a film of it')
    .argument('<model>', 'a run that trained a policy, or the bundle of one')
    .option('--episodes <count>', 'for each split, at the table and on the floor', parseCount, 50)
    .option('--seed <number>', 'another seed, other scenes', parseSeed, 0)
    .option(
      '--tasks <list>',
      `${rolloutTasks.join(', ')} (default: what the policy predicts)`,
      listOf(rolloutTasks),
    )
    .option(
      '--splits <list>',
      `some of ${episodeSplits.join(', ')} (default: the held-out ones; with --command heldOutScenes)`,
      listOf(episodeSplits),
    )
    .option('--command <text>', 'what the robot is told in every scene in which it has one meaning')
    .option(randomizeFlag, 'vary light, surfaces and camera; ranges of your own from a JSON file')
    .option('--robot <file>', 'the MJCF of the robot that the policy was trained for, if it is your own')
    .option('--smooth', 'smooth edges in the images of a policy that controls the robot, as in its data')
    .option('--no-control', 'do not try the same with other commands')
    .option('--watch [port]', 'a page on this machine that plays the episodes as they come', parsePort)
    .option('--mcap', 'record the episodes of a policy that controls the robot, for Foxglove')
    .option('--lerobot', 'record them as a data set of LeRobot')
    .option('--out <directory>', 'for rollout.json and rollout.webp (default: rollouts/<name of the model>)')
    .addOption(
      new Option(
        '--verify <file>',
        'carry out the rollout of a rollout.json again, and tell if every bit is the same',
      ).conflicts(settings),
    )
    .addOption(checkpointOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action((model: string, flags: RolloutFlags) =>
      flags.verify === undefined
        ? run(model, flags, output)
        : verifyRollout(model, flags.verify, flags.json ?? false, output),
    )
}

/** Options that a rollout's file brings along, or that make no sense beside it. */
const settings = [
  ...['episodes', 'seed', 'tasks', 'splits', 'command', 'randomize', 'robot', 'smooth', 'control'],
  ...['watch', 'mcap', 'lerobot', 'out', 'checkpoint', 'device', 'threads'],
]

async function run(model: string, flags: RolloutFlags, output: Output): Promise<void> {
  if (flags.command !== undefined) parseCommand(flags.command) // what is none is told before anything is loaded
  const policy = await rolledPolicy(model, { ...flags, onNote: output.note })
  const options = rolloutOptions(policy, flags)
  const provenance = await rolloutProvenance(model, options, flags)
  await tellOtherRobot(model, flags.robot, output)
  tellOtherEdges(model, flags.smooth ?? false, output)
  const directory = rolloutDirectory(model, flags.out)
  const count = countEpisodes(options)
  const recorders = rolloutRecorders(policy, directory, flags, output)
  const server = flags.watch === undefined ? undefined : await WatchServer.start(portOf(flags.watch), count)
  if (server) output.note(`watch it at ${server.url}`)
  try {
    const { tried, recordings, interrupted } = await tryAll(policy, options, count, {
      server,
      recorders,
      output,
    })
    const episodes = tried.filter((each) => 'outcomes' in each).length
    const meanings = interrupted ? undefined : meaningsOf(options, count, tried)
    const cut = interrupted && { interruptedAfter: episodes }
    const result = { model, ...options, ...cut, provenance, summary: summarizeRollout(tried) }
    output.result(flags.json ? JSON.stringify(result, undefined, 2) : textTable(rolloutTable(result.summary)))
    await writeRollout(directory, result, tried, recordings.slice(0, filmed), output)
    if (interrupted) {
      const until = `interrupted after ${episodes} of ${count} episodes`
      throw new Interrupted(`${until}; the figures are of those`)
    }
    if (meanings !== undefined) output.note(meanings)
    if (server) await serveUntilInterrupted(server, output)
  } finally {
    for (const recorder of recorders) await recorder.close()
    await server?.stop()
  }
}

/** Followers of a rollout. */
interface Audience {
  readonly server: WatchServer | undefined
  readonly recorders: readonly EpisodeRecorder[]
  readonly output: Output
}

/** Try all episodes, or those before an interruption. @returns The episodes, and recordings for the film. */
async function tryAll(
  policy: RolledPolicy,
  options: RolloutOptions,
  count: number,
  { server, recorders, output }: Audience,
): Promise<{ tried: Tried; recordings: readonly Recording[]; interrupted: boolean }> {
  const recordings: Recording[] = []
  const forFilm = wanted(options.tasks)
  const keep = (task: RolloutTask, success: boolean) => server !== undefined || forFilm(task, success)
  const recorder = new Recorder(keep, (recording) => {
    server?.add(recording)
    const { task, outcome } = recording
    if (!server || forFilm(task, succeeded(outcome))) recordings.push(recording)
  })
  const bar = progress(output, 'episodes', count)
  const tried: (TriedEpisode | RefusedScene)[] = []
  const work = async (signal: AbortSignal) => {
    for await (const episode of rollout(policy, options, spectators([recorder, ...recorders]))) {
      for (const each of recorders) await each.save()
      tried.push(episode)
      server?.count(episode)
      if ('outcomes' in episode) bar.advance(1)
      await setImmediate() // lets the page be served, and an interruption be heard
      if (signal.aborted) break
    }
    interrupted = signal.aborted && tried.filter((each) => 'outcomes' in each).length < count
  }
  let interrupted = false
  await interruptible(output, work, 'stopping after this episode')
  bar.finish()
  return { tried, recordings, interrupted }
}

/**
 * A sentence about the scenes in which a given command has a meaning; undefined where all have.
 * @throws WorldError `world/never-meant` when there is none.
 */
function meaningsOf({ command }: RolloutOptions, count: number, episodes: Tried): string | undefined {
  const refused = refusedScenes(episodes)
  if (command === undefined || Object.keys(refused).length === 0) return undefined
  const meant = episodes.filter((each) => 'outcomes' in each).length
  const counts = refusalCounts(refused).join(', ')
  const found = `"${excerpt(command)}" has one meaning in ${meant} of ${episodes.length} scenes (${counts})`
  if (meant === 0) {
    const wayOut = 'Draw others (--seed), or name the thing in fewer or more words'
    throw new WorldError('world/never-meant', `${found}: nothing was tried. ${wayOut}`, { command, refused })
  }
  if (meant === count) return found
  return `${found}; ${meant} of ${count} episodes were tried, because ${scenesWithoutMeaning} scenes in a row had none`
}

const portOf = (watch: true | number): number => (watch === true ? 0 : watch)

/** Serve the page until an interruption, also after the last episode. */
async function serveUntilInterrupted(server: WatchServer, output: Output): Promise<void> {
  output.note(`all episodes are at ${server.url}; interrupt to end`)
  await interruptible(output, (signal) => once(signal, 'abort'), 'the page is closed')
}

/**
 * Filter of recordings: the first success and the first failure of each task that moves the robot, then any until there
 * are enough.
 */
function wanted(tasks: readonly RolloutTask[]): (task: RolloutTask, success: boolean) => boolean {
  const moving = tasks.filter((task) => task !== 'detection').length
  const each = Math.max(1, Math.floor(filmed / (2 * Math.max(1, moving))))
  const counts = new Map<string, number>()
  return (task, success) => {
    const kind = `${task} ${success}`
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return counts.get(kind)! <= each
  }
}
