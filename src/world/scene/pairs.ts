import { type ColorName, colorNames } from './colors.ts'
import { type KindName, kindNames } from './kinds.ts'

/** A colour and a kind together. */
export interface Pair {
  readonly color: ColorName
  readonly kind: KindName
}

/**
 * Pairs that no scene for training or validation holds, although it holds their colours and their kinds: one of
 * each kind. The same whatever the seed, so that no seed can bring them into another seed's training.
 */
const heldOutColor: Readonly<Record<KindName, ColorName>> = {
  cup: 'turquoise',
  ball: 'purple',
  box: 'pink',
  book: 'orange',
  toy: 'blue',
  mat: 'green',
}

/** Whether a pair is kept for tests. */
export const isHeldOut = ({ color, kind }: Pair): boolean => heldOutColor[kind] === color

const allPairs: readonly Pair[] = kindNames.flatMap((kind) => colorNames.map((color) => ({ color, kind })))

/** One of each kind. */
export const heldOutPairs: readonly Pair[] = allPairs.filter(isHeldOut)
/** All others. */
export const trainedPairs: readonly Pair[] = allPairs.filter((pair) => !isHeldOut(pair))
