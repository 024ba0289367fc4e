import { type Batch, type HostArray, random, splitRows, zeros } from '../../core/index.ts'
import { chosenOf, type MaskCounts, type Masks, maskArrays, numberMasked, wordPlaces } from './draw-masks.ts'

/** Seed of the masked patches of an evaluation: every model is asked the same. */
const seed = 0

/** Samples of a batch that are asked at once, with one masking of each. */
export interface MaskRound {
  /** Places of the samples in the whole batch. */
  readonly rows: readonly number[]
  /** Images and texts of these samples. */
  readonly batch: Batch
  readonly masks: Masks
  /** Number of rounds that each of these samples has. */
  readonly rounds: readonly number[]
}

/**
 * Maskings of a batch that ask for every word exactly once. A text of n words has G = ⌈n / m⌉ rounds for the m words that
 * training masks of it; word i is masked in round i mod G, so that neighbours are not masked together. Each round masks other
 * patches of the image. A text without a word has one round, for its image.
 */
export function maskRounds({ ids, arrays }: Pick<Batch, 'ids' | 'arrays'>, counts: MaskCounts): MaskRound[] {
  const { patches, maskedPatches, tokenRatio } = counts
  const groups = splitRows(arrays.inputIds!.data as BigInt64Array, ids.length).map((tokens) =>
    wordGroups(wordPlaces(tokens, counts), tokenRatio),
  )
  const most = Math.max(...groups.map(({ length }) => length))
  return Array.from({ length: most }, (_, round): MaskRound => {
    const rows = [...ids.keys()].filter((row) => round < groups[row]!.length)
    const places = Array.from({ length: patches }, (_, place) => place)
    const masks = rows.map((row) => ({
      visible: chosenOf(places, patches - maskedPatches, random(seed, 'masks', round, ids[row]!)),
      words: groups[row]![round]!.map(BigInt),
    }))
    return {
      rows,
      batch: {
        ids: rows.map((row) => ids[row]!),
        arrays: {
          pixelValues: takeRows(arrays.pixelValues!, rows),
          inputIds: takeRows(arrays.inputIds!, rows),
        },
      },
      masks: maskArrays(masks, numberMasked(arrays.inputIds!.shape[1]!, tokenRatio)),
      rounds: rows.map((row) => groups[row]!.length),
    }
  })
}

/** Places of words in disjoint groups, as large as what training masks or one smaller; one empty group without a word. */
export function wordGroups(words: readonly number[], ratio: number): number[][] {
  if (words.length === 0) return [[]]
  const count = Math.ceil(words.length / numberMasked(words.length, ratio))
  return Array.from({ length: count }, (_, group) => words.filter((_, i) => i % count === group))
}

/** Some rows of an array, in the given order. */
export function takeRows({ dtype, shape, data }: HostArray, rows: readonly number[]): HostArray {
  const size = data.length / shape[0]!
  const taken = zeros(dtype, [rows.length, ...shape.slice(1)])
  for (const [i, row] of rows.entries())
    taken.data.set(data.subarray(row * size, (row + 1) * size) as never, i * size)
  return taken
}
