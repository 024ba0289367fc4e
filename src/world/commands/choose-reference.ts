import type { Random } from '../../core/index.ts'
import { isNamed, type NamedThing, type Scene } from '../scene/scene.ts'
import { type Reference, relations } from './command.ts'
import { onlyMeant } from './resolve-command.ts'

/** Relative frequencies of the forms with exactly one meaning. */
const weights = { colorAndKind: 6, kind: 1, color: 1, relation: 2 }

/**
 * Choose words for one object of a scene and no other: colour and kind, kind or colour alone, or a relation to another
 * object. Undefined when no words single it out.
 */
export function chooseReference(
  scene: Scene,
  target: number,
  random: Random,
  { withRelations }: { withRelations: boolean },
): Reference | undefined {
  const thing = scene.things[target]
  if (thing === undefined || !isNamed(thing)) return undefined
  const { color, kind } = thing
  const forms: { reference: Reference; weight: number }[] = [
    { reference: { color, kind }, weight: weights.colorAndKind },
    { reference: { kind }, weight: weights.kind },
    { reference: { color }, weight: weights.color },
  ]
  const related = withRelations ? relatedReferences(scene, thing, target, random) : []
  const relation = related.find((reference) => onlyMeant(reference, scene) === target)
  if (relation) forms.push({ reference: relation, weight: weights.relation })
  const valid = forms.filter(({ reference }) => onlyMeant(reference, scene) === target)
  let draw = random.uniform(
    0,
    valid.reduce((sum, { weight }) => sum + weight, 0),
  )
  return valid.find(({ weight }) => {
    draw -= weight
    return draw < 0
  })?.reference
}

/**
 * References by an object's kind, with or without its colour, and its relation to each other object; in random order.
 */
function relatedReferences(
  scene: Scene,
  { color, kind }: NamedThing,
  target: number,
  random: Random,
): Reference[] {
  const landmarks = scene.things.flatMap((other, index) => {
    if (index === target || !isNamed(other)) return []
    const whole = { color: other.color, kind: other.kind }
    return [{ kind: other.kind }, whole]
      .filter((reference) => onlyMeant(reference, scene) === index)
      .slice(0, 1)
  })
  const named = random.chance(0.5) ? [{ kind }, { color, kind }] : [{ color, kind }]
  return random.shuffle(
    landmarks.flatMap((to) =>
      relations.flatMap((is) =>
        named.map((words) => ({ ...words, relation: { is, to } }) satisfies Reference),
      ),
    ),
  )
}
