import type { Random } from '../../../core/index.ts'
import {
  type ColorName,
  type KindName,
  kindsOfSetting,
  phrasings,
  type Reference,
  type Relation,
  type Setting,
  trainedPairs,
  writeReference,
} from '../../../world/index.ts'

/** Mistakes of swapped captions. */
export const swapKinds = ['color', 'kind', 'relation', 'count'] as const
export type SwapKind = (typeof swapKinds)[number]

/** Statement of a caption about a scene: a command about an object, or a number of objects of a kind. */
export type Claim =
  | { readonly says: 'command'; readonly reference: Reference }
  | { readonly says: 'count'; readonly kind: KindName; readonly count: number }

/** A caption with its statement. */
export interface Caption {
  readonly text: string
  readonly claim: Claim
}

/** Two captions that differ in one word; a scene is sought in which the first is true and the second is not. */
export interface CaptionPair {
  readonly setting: Setting
  readonly right: Caption
  readonly swapped: Caption
}

/**
 * Draw two captions of one sentence. They are drawn before the scene, and a coin says which of them is to be right: words alone
 * tell nothing, and who does not look is right half of the time. Colours and kinds are those of pairs that training has.
 */
export function captionPair(kind: SwapKind, setting: Setting, random: Random): CaptionPair {
  const both = draws[kind](setting, random)
  const [right, swapped] = random.chance(0.5) ? both : [both[1], both[0]]
  return { setting, right, swapped }
}

type Draw = (setting: Setting, random: Random) => readonly [Caption, Caption]

const draws: Readonly<Record<SwapKind, Draw>> = {
  /** The red cup, the blue cup. */
  color(setting, random) {
    const kind = random.pick(kindsOfSetting(setting))
    const [a, b] = random.shuffle(colorsOf(kind))
    return commands(setting, random, [
      { color: a!, kind },
      { color: b!, kind },
    ])
  },
  /** The red cup, the red book. */
  kind(setting, random) {
    const [a, b] = random.shuffle(kindsOfSetting(setting))
    const color = random.pick(colorsOf(a!).filter((name) => colorsOf(b!).includes(name)))
    return commands(setting, random, [
      { color, kind: a! },
      { color, kind: b! },
    ])
  },
  /** The cup left of the book, the cup right of the book. */
  relation(setting, random) {
    const [kind, to] = random.shuffle(kindsOfSetting(setting))
    const opposites: readonly Relation[] = random.chance(0.5) ? ['left', 'right'] : ['front', 'behind']
    const [a, b] = opposites.map((is) => ({ kind: kind!, relation: { is, to: { kind: to! } } }))
    return commands(setting, random, [a!, b!])
  },
  /** Two cups, three cups. */
  count(setting, random) {
    const kind = random.pick(kindsOfSetting(setting))
    const fewer = random.chance(0.5) ? 1 : 2
    return [counted(kind, fewer), counted(kind, fewer + 1)]
  },
}

const colorsOf = (kind: KindName): ColorName[] =>
  trainedPairs.filter((pair) => pair.kind === kind).map(({ color }) => color)

/** A command in one phrasing of the grammar about each of two objects. */
function commands(
  setting: Setting,
  random: Random,
  references: readonly [Reference, Reference],
): readonly [Caption, Caption] {
  const action = setting === 'floor' ? 'go' : random.pick(['pick', 'point'] as const)
  const phrasing = random.pick(phrasings[action].trained)
  const captionOf = (reference: Reference): Caption => ({
    text: phrasing.replace('{thing}', () => writeReference(reference)),
    claim: { says: 'command', reference },
  })
  return [captionOf(references[0]), captionOf(references[1])]
}

const numerals = ['no', 'one', 'two', 'three']

function counted(kind: KindName, count: number): Caption {
  const noun = count === 1 ? kind : kind === 'box' ? 'boxes' : `${kind}s`
  const text = `there ${count === 1 ? 'is' : 'are'} ${numerals[count]} ${noun}`
  return { text, claim: { says: 'count', kind, count } }
}
