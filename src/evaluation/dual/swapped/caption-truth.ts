import { WorldError } from '../../../core/index.ts'
import { isNamed, parseCommand, resolveCommand, type Scene } from '../../../world/index.ts'
import type { Caption, CaptionPair } from './caption-pair.ts'

/**
 * Truth of a caption in a scene, by the scene's facts: a command is true that means one of the objects, a number that is the
 * count of objects of its kind. The words are read, not what they were made of. Undefined for a command that may mean several
 * objects, or a relation about which people disagree.
 */
export function captionTruth({ text, claim }: Caption, scene: Scene): boolean | undefined {
  if (claim.says === 'count')
    return scene.things.filter((thing) => thing.kind === claim.kind).length === claim.count
  try {
    resolveCommand(parseCommand(text), scene)
    return true
  } catch (error) {
    if (!(error instanceof WorldError)) throw error
    if (error.code === 'world/nothing-meant') return false
    if (error.code === 'world/ambiguous-command') return undefined
    throw error
  }
}

/**
 * Test for a scene that tells a pair of captions apart: the right one is true, the swapped one false. The word that was swapped
 * in is true of another object, so that it does not suffice to know which colours and kinds there are.
 */
export function tellsApart({ right, swapped }: CaptionPair, scene: Scene): boolean {
  return (
    isShown(right, scene) &&
    isTempting(right, swapped, scene) &&
    captionTruth(right, scene) === true &&
    captionTruth(swapped, scene) === false
  )
}

/** A look that is enough to pass over most scenes: there is an object of this colour and kind. */
const isShown = ({ claim }: Caption, { things }: Scene): boolean =>
  claim.says === 'count' ||
  things.some(
    (thing) =>
      isNamed(thing) &&
      thing.kind === claim.reference.kind &&
      (claim.reference.color ?? thing.color) === thing.color,
  )

function isTempting({ claim: right }: Caption, { claim }: Caption, { things }: Scene): boolean {
  if (right.says === 'count' || claim.says === 'count' || claim.reference.relation) return true
  const { color, kind } = claim.reference
  return right.reference.color === color
    ? things.some((thing) => thing.kind === kind)
    : things.some((thing) => isNamed(thing) && thing.color === color)
}
