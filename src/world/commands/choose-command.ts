import type { Random } from '../../core/index.ts'
import type { Vector3 } from '../renderer/index.ts'
import { layouts } from '../scene/sample-scene.ts'
import { centerOf, isNamed, kindOf, type Scene } from '../scene/scene.ts'
import { chooseReference } from './choose-reference.ts'
import type { Action, Command, Meaning, Relation } from './command.ts'
import { relations } from './command.ts'
import { type Phrasings, phrasings } from './phrasings.ts'
import { placeBeside, relationHolds } from './relations.ts'
import { directionPhrases, writePlace, writeReference } from './write-reference.ts'

/** Actions at the table, repeated by their relative frequency. */
const tableActions = ['pick', 'pick', 'put', 'point'] as const

/** Metres between the sides of an object and its landmark after a put. */
const putGap = 0.03

/** Kinds with a flat top, on which things can be put. */
const flat: readonly string[] = ['box', 'book']

/** Probability that a put is tried on a flat thing rather than beside one, where actions are given. */
const onProbability = 0.04

/** Metres by which a thing is pushed. */
export const pushLength = 0.1

/**
 * Choose an action on an object of a scene: pick, put or point at the table, go on the floor. The place of a put is
 * free and within the table's working area, and the object does not lie in that relation already. Where a put or a push
 * has no room, it is a pick.
 * @param actions Actions to choose from, which somebody is to carry out: a put may also be on a thing, and a ball, which would
 * roll away, is neither put nor pushed. Default: those of the scene's setting.
 */
export function chooseMeaning(
  scene: Scene,
  target: number,
  random: Random,
  actions?: readonly Action[],
): Meaning {
  const usual = scene.setting === 'floor' ? (['go'] as const) : tableActions
  const some = actions ?? usual
  const action = some.length === 1 ? some[0]! : random.pick(some)
  const isCarriedOut = actions !== undefined && (action === 'put' || action === 'push')
  if (isCarriedOut && scene.things[target]!.kind === 'ball') return { action: 'pick', target }
  if (action === 'push') return choosePush(scene, target, random)
  if (action !== 'put') return { action, target }
  const landmarks = scene.things.flatMap(({ kind }, to) => (to !== target && flat.includes(kind) ? [to] : []))
  if (isCarriedOut && landmarks.length > 0 && random.chance(onProbability))
    return { action, target, place: { is: 'on', to: random.pick(landmarks) } }
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

/** Push in a direction in which there is room. */
function choosePush(scene: Scene, target: number, random: Random): Meaning {
  const thing = scene.things[target]!
  const direction = random
    .shuffle([...relations])
    .find((is) => isRoom(scene, target, placeBeside(is, thing.position, pushLength)))
  return direction === undefined ? { action: 'pick', target } : { action: 'push', target, direction }
}

/** Place of a put: metres in the robot's frame, on the ground. */
export function placeOf(
  scene: Scene,
  target: number,
  { is, to }: NonNullable<Meaning['place']>,
): readonly [number, number, number] {
  const [thing, landmark] = [scene.things[target]!, scene.things[to]!]
  if (is === 'on') {
    const [x, y, z] = landmark.position
    return [x, y, z + kindOf(landmark).height * landmark.scale]
  }
  const distance = kindOf(thing).radius * thing.scale + kindOf(landmark).radius * landmark.scale + putGap
  return placeBeside(is, landmark.position, distance)
}

/** Place beside a landmark. */
interface Beside {
  readonly is: Relation
  readonly to: number
}

/** Test for an object that already lies in the relation. */
const liesThere = ({ things }: Scene, target: number, { is, to }: Beside): boolean =>
  relationHolds(is, centerOf(things[target]!), centerOf(things[to]!)) === true

const isFree = (scene: Scene, target: number, place: Beside): boolean =>
  isRoom(scene, target, placeOf(scene, target, place), place.to)

/** Test for room for an object at a place, within the working area. @param except An object that may be near. */
function isRoom(scene: Scene, target: number, [x, y]: Vector3, except?: number): boolean {
  const { x: range, halfWidth } = layouts[scene.setting]
  if (x < range[0] || x > range[1] || Math.abs(y) > halfWidth(x)) return false
  const radius = kindOf(scene.things[target]!).radius * scene.things[target]!.scale
  return scene.things.every((other, index) => {
    if (index === target || index === except) return true
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
  { action, target, place, direction }: Meaning,
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
    .replace('{direction}', () => (direction ? choose(directionPhrases[direction]) : ''))
  return {
    text,
    command: { action, thing, ...(beside && { place: beside }), ...(direction && { direction }) },
  }
}
