import type { Random } from '../../core/index.ts'
import type { Complexity } from '../../data/index.ts'
import { chooseMeaning, placeOf, type WrittenCommand, writeCommand } from '../commands/choose-command.ts'
import type { Action, Meaning } from '../commands/command.ts'
import type { Phrasings } from '../commands/phrasings.ts'
import type { Truth } from '../expert/ground-truth.ts'
import { isHeldOut } from '../scene/pairs.ts'
import { isNamed, type Scene } from '../scene/scene.ts'
import type { DatasetOptions } from './options.ts'
import type { CommandRecord } from './scene-record.ts'
import type { Split } from './splits.ts'

/** Difficulty of each action, in language and in motion, from 0 to 1. */
const difficulty = { go: 0.2, point: 0.2, pick: 0.3, push: 0.5, put: 0.7 }

/**
 * Commands about a scene, each about another object with right answers, and the count of objects without words.
 * @param action The only action to ask for. Default: any of the scene's setting.
 */
export function commandRecords(
  scene: Scene,
  truths: Truths,
  split: Split,
  options: Pick<DatasetOptions, 'commands' | 'captions'>,
  random: Random,
  action?: Action,
): { records: CommandRecord[]; unnamed: number } {
  const targets = scene.things.flatMap((thing, index) => {
    const wanted = split !== 'heldOutPairs' || (isNamed(thing) && isHeldOut(thing))
    return truths[index] !== undefined && wanted ? [index] : []
  })
  const records: CommandRecord[] = []
  let unnamed = 0
  for (const target of random.shuffle(targets)) {
    if (records.length === options.commands) break
    const record = recordOf(scene, target, truths, split, options.captions, random, action)
    if (record) records.push(record)
    else unnamed += 1
  }
  return { records, unnamed }
}

function recordOf(
  scene: Scene,
  target: number,
  truths: Truths,
  split: Split,
  count: number,
  random: Random,
  action: Action | undefined,
): CommandRecord | undefined {
  const meaning = chooseMeaning(scene, target, random, action && [action])
  if (action !== undefined && meaning.action !== action) return undefined
  const written = writings(scene, meaning, random, 'trained', count)
  const heldOut = split === 'heldOutScenes' ? writings(scene, meaning, random, 'heldOut', count) : []
  if (written.length === 0 || (split === 'heldOutScenes' && heldOut.length === 0)) return undefined
  return answeredCommand(scene, meaning, truths, written, heldOut)
}

/** Right answers about each object of a scene; undefined for an object without. */
type Truths = readonly (Truth | undefined)[]

/**
 * Command with its phrasings and right answers.
 * @param truths There is one about the meaning's target.
 * @param heldOut Phrasings held out for tests.
 */
export function answeredCommand(
  scene: Scene,
  meaning: Meaning,
  truths: Truths,
  written: readonly WrittenCommand[],
  heldOut: readonly WrittenCommand[] = [],
): CommandRecord {
  const { action, target, place, direction } = meaning
  const truth = truths[target]!
  const goal = place && { place: placeOf(scene, target, place), landmark: truths[place.to]?.box }
  return {
    captions: written.map(({ text }) => text),
    ...(heldOut.length > 0 && { heldOutCaptions: heldOut.map(({ text }) => text) }),
    action,
    target,
    ...(place && { place }),
    ...(direction && { direction }),
    labels: labelsOf(truth, goal),
    complexity: complexityOf(scene, truth, meaning, written),
  }
}

/** Different phrasings of one command. */
function writings(
  scene: Scene,
  meaning: Meaning,
  random: Random,
  kept: keyof Phrasings,
  count: number,
): WrittenCommand[] {
  const written = Array.from({ length: count }, () => writeCommand(scene, meaning, random, kept))
  const byText = new Map(written.flatMap((each) => (each ? [[each.text, each] as const] : [])))
  return [...byText.values()]
}

/** Round to 6 digits after the point: micrometres and microradians. */
const rounded = (numbers: readonly number[]): number[] =>
  numbers.map((value) => Math.round(value * 1e6) / 1e6)

function labelsOf(
  { box, category, grasp, joints, navigation }: Truth,
  goal: { readonly place: readonly number[]; readonly landmark: readonly number[] | undefined } | undefined,
): CommandRecord['labels'] {
  const known = { box, category: [category], grasp, joints, navigation, ...goal }
  return Object.fromEntries(
    Object.entries(known).flatMap(([name, numbers]) => (numbers ? [[name, rounded(numbers)]] : [])),
  )
}

function complexityOf(
  { things }: Scene,
  { visible }: Truth,
  { action }: Meaning,
  written: readonly WrittenCommand[],
): Complexity {
  const related = written.some(({ command }) => command.thing.relation !== undefined)
  const clutter = 0.1 * things.filter((thing) => !isNamed(thing)).length
  return {
    objects: things.length,
    task: Math.min(1, difficulty[action] + (related ? 0.3 : 0)),
    scene: Math.min(1, Math.round((1 - visible + clutter) * 1e6) / 1e6),
  }
}
