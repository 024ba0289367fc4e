import type { Random } from '../../core/index.ts'
import { layouts } from '../scene/sample-scene.ts'
import { centerOf, isNamed, kindOf, type Scene } from '../scene/scene.ts'
import { chooseReference } from './choose-reference.ts'
import type { Action, Command, Meaning } from './command.ts'
import { relations } from './command.ts'
import { type Phrasings, phrasings } from './phrasings.ts'
import { placeBeside, relationHolds } from './relations.ts'
import { writePlace, writeReference } from './write-reference.ts'

/** Actions at the table, repeated by their relative frequency. */
const tableActions = ['pick', 'pick', 'put', 'point'] as const

/** Metres between the sides of an object and its landmark after a put. */
const putGap = 0.03

/**
 * Choose an action on an object of a scene: pick, put or point at the table, go on the floor. The place of a put is
 * free and within the table's working area, and the object does not lie in that relation already.
 * @param actions Actions to choose from. Default: those of the scene's setting.
 */
export function chooseMeaning(
  scene: Scene,
  target: number,
  random: Random,
  actions: readonly Action[] = scene.setting === 'floor' ? ['go'] : tableActions,
): Meaning {
  const action = actions.length === 1 ? actions[0]! : random.pick(actions)
  if (action !== 'put') return { action, target }
  const places = random.shuffle(
    scene.things.flatMap((thing, to) =>
      isNamed(thing) && to !== target ? relations.map((is) => ({ is, to }) as const) : [],
    ),
  )
  const place = places.find(
    (candidate) => !liesThere(scene, target, candidate) && isFree(scene, target, candidate),
  )
  return place === undefined ? { action: 'pick', target } : { action, target, place }
}

/** Place of a put: metres in the robot's frame, on the ground. */
export function placeOf(
  scene: Scene,
  target: number,
  { is, to }: NonNullable<Meaning['place']>,
): readonly [number, number, number] {
  const [thing, landmark] = [scene.things[target]!, scene.things[to]!]
  const distance = kindOf(thing).radius * thing.scale + kindOf(landmark).radius * landmark.scale + putGap
  return placeBeside(is, landmark.position, distance)
}

/** Test for an object that already lies in the relation. */
const liesThere = ({ things }: Scene, target: number, { is, to }: NonNullable<Meaning['place']>): boolean =>
  relationHolds(is, centerOf(things[target]!), centerOf(things[to]!)) === true

function isFree(scene: Scene, target: number, place: NonNullable<Meaning['place']>): boolean {
  const [x, y] = placeOf(scene, target, place)
  const { x: range, halfWidth } = layouts[scene.setting]
  if (x < range[0] || x > range[1] || Math.abs(y) > halfWidth(x)) return false
  const radius = kindOf(scene.things[target]!).radius * scene.things[target]!.scale
  return scene.things.every((other, index) => {
    if (index === target || index === place.to) return true
    const [otherX, otherY] = centerOf(other)
    return Math.hypot(x - otherX, y - otherY) > radius + kindOf(other).radius * other.scale
  })
}

/** Command in words and as a structure. */
export interface WrittenCommand {
  readonly text: string
  readonly command: Command
}

/**
 * Choose a wording with no other meaning in this scene; undefined when there is none. A put names the object and the
 * landmark without relations, so that it contains one relation only.
 */
export function writeCommand(
  scene: Scene,
  { action, target, place }: Meaning,
  random: Random,
  kept: keyof Phrasings,
): WrittenCommand | undefined {
  const choose = <T>(phrases: readonly T[]): T => random.pick(phrases)
  const thing = chooseReference(scene, target, random, { withRelations: action !== 'put' })
  const landmark = place && chooseReference(scene, place.to, random, { withRelations: false })
  if (thing === undefined || (place !== undefined && landmark === undefined)) return undefined
  const beside = place && landmark && { is: place.is, to: landmark }
  const text = choose(phrasings[action][kept])
    .replace('{thing}', () => writeReference(thing, choose))
    .replace('{place}', () => (beside ? writePlace(beside, choose) : ''))
  return { text, command: { action, thing, ...(beside && { place: beside }) } }
}
