import { type ColorName, colorNames } from './colors.ts'
import { type KindName, kindNames } from './kinds.ts'

/** Colour and kind together. */
export interface Pair {
  readonly color: ColorName
  readonly kind: KindName
}

/**
 * Pairs absent from scenes for training and validation, although their colours and kinds occur there: one of each kind.
 * They are the same for every seed, so that no seed brings them into another seed's training.
 */
const heldOutColor: Readonly<Record<KindName, ColorName>> = {
  cup: 'turquoise',
  ball: 'purple',
  box: 'pink',
  book: 'orange',
  toy: 'blue',
  mat: 'green',
}

/** Test for a pair held out for tests. */
export const isHeldOut = ({ color, kind }: Pair): boolean => heldOutColor[kind] === color

const allPairs: readonly Pair[] = kindNames.flatMap((kind) => colorNames.map((color) => ({ color, kind })))

/** Held-out pairs, one of each kind. */
export const heldOutPairs: readonly Pair[] = allPairs.filter(isHeldOut)
/** All other pairs. */
export const trainedPairs: readonly Pair[] = allPairs.filter((pair) => !isHeldOut(pair))
