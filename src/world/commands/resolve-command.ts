import { WorldError } from '../../core/index.ts'
import { centerOf, isNamed, type NamedThing, type Scene } from '../scene/scene.ts'
import { type Command, type Meaning, type Reference, settingOf } from './command.ts'
import { relationHolds } from './relations.ts'
import { writeReference } from './write-reference.ts'

/**
 * What a command means in a scene: the one right answer.
 *
 * @throws WorldError `world/nothing-meant` when it speaks of a thing that is not there, `world/ambiguous-command`
 * when several could be meant or it is not clear whether a relation holds, `world/wrong-setting` for what cannot be
 * done here: to walk to what is on the table, to grasp what is on the floor, to put a thing beside itself.
 */
export function resolveCommand(command: Command, scene: Scene): Meaning {
  const { action, thing, place } = command
  const setting = settingOf[action]
  if (setting !== scene.setting) {
    const where = setting === 'table' ? 'at the table' : 'on the free floor'
    const problem = `"${action}" is done ${where}, and the robot is not there`
    throw new WorldError('world/wrong-setting', problem, { action, setting: scene.setting })
  }
  const target = resolveReference(thing, scene)
  if (place === undefined) return { action, target }
  const to = resolveReference(place.to, scene)
  if (to !== target) return { action, target, place: { is: place.is, to } }
  throw new WorldError('world/wrong-setting', 'a thing cannot be put beside itself', { action, target })
}

/** The one thing that words mean: its place in the scene's list. @throws WorldError as `resolveCommand` does. */
export function resolveReference(reference: Reference, scene: Scene): number {
  const { relation } = reference
  const landmark = relation && resolveReference(relation.to, scene)
  const { only, possible } = meant(reference, scene, landmark)
  if (only !== undefined) return only
  throw notOne(reference, scene, possible)
}

/** The one thing that words mean, or undefined where they mean none or might mean several. */
export function onlyMeant(reference: Reference, scene: Scene): number | undefined {
  const { relation } = reference
  const landmark = relation && onlyMeant(relation.to, scene)
  return relation && landmark === undefined ? undefined : meant(reference, scene, landmark).only
}

/** How many things words might mean, and the one that they do mean if there is no other. */
function meant(
  reference: Reference,
  scene: Scene,
  landmark: number | undefined,
): { only: number | undefined; possible: number } {
  const sure: number[] = []
  let possible = 0
  scene.things.forEach((thing, index) => {
    if (!isNamed(thing) || !looksLike(thing, reference) || index === landmark) return
    const holds =
      reference.relation === undefined || landmark === undefined
        ? true
        : relationHolds(reference.relation.is, centerOf(thing), centerOf(scene.things[landmark]!))
    if (holds) sure.push(index)
    if (holds !== false) possible += 1
  })
  return { only: sure.length === 1 && possible === 1 ? sure[0] : undefined, possible }
}

/** Whether colour and kind are those that words name. */
export const looksLike = (thing: NamedThing, { color, kind }: Reference): boolean =>
  (color ?? thing.color) === thing.color && (kind ?? thing.kind) === thing.kind

function notOne(reference: Reference, scene: Scene, possible: number): WorldError {
  const words = writeReference(reference)
  const there = scene.things.filter(isNamed).map(({ color, kind }) => `${color} ${kind}`)
  const seen = `There are: ${there.join(', ') || 'no things that commands speak of'}`
  const facts = { reference, possible, things: there }
  if (possible === 0) {
    return new WorldError('world/nothing-meant', `nothing here is "${words}". ${seen}`, facts)
  }
  const several = `"${words}" may mean ${possible === 1 ? 'one thing or none' : `${possible} things`} here`
  const wayOut = 'Say its colour, or what it is left of, right of, in front of or behind'
  return new WorldError('world/ambiguous-command', `${several}. ${wayOut}. ${seen}`, facts)
}
