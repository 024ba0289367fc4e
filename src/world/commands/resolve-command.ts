import { WorldError } from '../../core/index.ts'
import { centerOf, isNamed, type NamedThing, type Scene } from '../scene/scene.ts'
import { type Command, type Meaning, type Reference, settingOf } from './command.ts'
import { relationHolds } from './relations.ts'
import { writeReference } from './write-reference.ts'

/**
 * Resolve a command in a scene to its one right meaning.
 *
 * @throws WorldError `world/nothing-meant` for an object that is not there, `world/ambiguous-command` for several
 * candidates or an unclear relation, `world/wrong-setting` for an impossible action: walking to an object on the table,
 * grasping one on the floor, putting an object beside itself.
 */
export function resolveCommand(command: Command, scene: Scene): Meaning {
  const { action, thing, place, direction } = command
  const setting = settingOf[action]
  if (setting !== scene.setting) {
    const where = setting === 'table' ? 'at the table' : 'on the free floor'
    const problem = `"${action}" is done ${where}, and the robot is not there`
    throw new WorldError('world/wrong-setting', problem, { action, setting: scene.setting })
  }
  const target = resolveReference(thing, scene)
  if (place === undefined) return { action, target, ...(direction && { direction }) }
  const to = resolveReference(place.to, scene)
  if (to !== target) return { action, target, place: { is: place.is, to } }
  throw new WorldError('world/wrong-setting', 'a thing cannot be put beside itself', { action, target })
}

/**
 * Index in the scene of the one object that a reference means.
 * @throws WorldError as `resolveCommand` does.
 */
export function resolveReference(reference: Reference, scene: Scene): number {
  const { relation } = reference
  const landmark = relation && resolveReference(relation.to, scene)
  const { only, possible } = meant(reference, scene, landmark)
  if (only !== undefined) return only
  throw notOne(reference, scene, possible)
}

/** Index of the one object that a reference means; undefined for none or several. */
export function onlyMeant(reference: Reference, scene: Scene): number | undefined {
  const { relation } = reference
  const landmark = relation && onlyMeant(relation.to, scene)
  return relation && landmark === undefined ? undefined : meant(reference, scene, landmark).only
}

/** Count of the objects that a reference may mean, and the only one if there is one. */
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

/** Test for an object of the reference's colour and kind. */
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
