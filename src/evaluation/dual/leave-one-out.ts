/** Pairs of unit vectors with the groups that they belong to. */
export interface GroupedPairs {
  /** [rows, width], unit vectors. */
  readonly images: Float32Array
  /** [rows, width], unit vectors; row i is the text of image i. */
  readonly texts: Float32Array
  readonly width: number
  /** Concept of each row: an image matches every text of its concept. */
  readonly concepts: readonly string[]
  /** Class of each row, for separability. */
  readonly classes: readonly (string | number)[]
}

/** Statistics of features whose intervals are estimated, by the names of `alignment` and `featureGeometry`. */
export const jackknifed = ['diversity', 'separability', 'matchingMargin', 'alignment', 'modalityGap'] as const
export type Jackknifed = (typeof jackknifed)[number]

/**
 * Each statistic without one row, for every row, in time linear in the rows: means over pairs follow from sums of rows, and sums
 * without a row from the sums with it. NaN where none is left to take a mean of.
 */
export const leaveOneOut = (pairs: GroupedPairs): Readonly<Record<Jackknifed, Float64Array>> => ({
  ...imagesWithoutRow(pairs),
  ...pairsWithoutRow(pairs),
})

function imagesWithoutRow({ images, width, classes }: GroupedPairs) {
  const { groups, of, total } = groupSums(images, width, classes)
  const rows = classes.length
  const left = rows - 1
  const within = groups.reduce((sum, group) => sum + spread(group.count, square(group.sum)), 0)
  const classPairs = groups.reduce((sum, { count }) => sum + count ** 2, 0)
  const totalSquare = square(total)
  const [diversity, separability] = [new Float64Array(rows), new Float64Array(rows)]
  for (let row = 0; row < rows; row++) {
    const squareLeft = totalSquare - 2 * along(images, width, row, total) + 1
    diversity[row] = 1 - squareLeft / left ** 2
    const { count, sum } = groups[of[row]!]!
    const groupSquare = square(sum)
    const groupSquareLeft = groupSquare - 2 * along(images, width, row, sum) + 1
    const withinLeft = within - spread(count, groupSquare) + spread(count - 1, groupSquareLeft)
    const pairsLeft = classPairs - 2 * count + 1
    const inter = (spread(left, squareLeft) - withinLeft) / (left ** 2 - pairsLeft)
    separability[row] = inter / (withinLeft / (pairsLeft - left))
  }
  return { diversity, separability }
}

function pairsWithoutRow({ images, texts, width, concepts }: GroupedPairs) {
  const [u, v] = [groupSums(images, width, concepts), groupSums(texts, width, concepts)]
  const rows = concepts.length
  const left = rows - 1
  const matching = u.groups.reduce((sum, group, g) => sum + dot(group.sum, v.groups[g]!.sum), 0)
  const matches = u.groups.reduce((sum, { count }) => sum + count ** 2, 0)
  const total = dot(u.total, v.total)
  const diagonal = Float64Array.from({ length: rows }, (_, row) => dotRows(images, texts, width, row))
  const wholeDiagonal = diagonal.reduce((sum, value) => sum + value, 0)
  const gap = u.total.map((value, k) => value - v.total[k]!)
  const gapSquare = square(gap)
  const [matchingMargin, alignment, modalityGap] = [0, 0, 0].map(() => new Float64Array(rows))
  for (let row = 0; row < rows; row++) {
    const own = diagonal[row]!
    const [image, text] = [u.groups[u.of[row]!]!, v.groups[v.of[row]!]!]
    const totalLeft = total - along(images, width, row, v.total) - along(texts, width, row, u.total) + own
    const matchingLeft =
      matching - along(images, width, row, text.sum) - along(texts, width, row, image.sum) + own
    const matchesLeft = matches - 2 * image.count + 1
    matchingMargin![row] = matchingLeft / matchesLeft - (totalLeft - matchingLeft) / (left ** 2 - matchesLeft)
    alignment![row] = 2 - (2 * (wholeDiagonal - own)) / left
    const change = along(images, width, row, gap) - along(texts, width, row, gap)
    modalityGap![row] = Math.sqrt(Math.max(0, gapSquare - 2 * change + 2 - 2 * own)) / left
  }
  return { matchingMargin: matchingMargin!, alignment: alignment!, modalityGap: modalityGap! }
}

/**
 * The 95 % interval of a statistic by the jackknife: value ± 1.96·√((n − 1)/n · Σ (without row i − their mean)²). A bootstrap
 * would draw a sample twice, and pairs of a sample with itself bias a mean over pairs.
 *
 * Source: Efron and Stein, "The Jackknife Estimate of Variance" (1981).
 */
export function jackknifeInterval(
  value: number,
  without: Float64Array,
): readonly [low: number, high: number] {
  const rows = without.length
  const mean = without.reduce((sum, each) => sum + each, 0) / rows
  const variance = (without.reduce((sum, each) => sum + (each - mean) ** 2, 0) * (rows - 1)) / rows
  const reach = 1.959963984540054 * Math.sqrt(variance)
  return [value - reach, value + reach]
}

interface Group {
  count: number
  /** [width] */
  readonly sum: Float64Array
}

function groupSums(features: Float32Array, width: number, names: readonly (string | number)[]) {
  const places = new Map<string | number, number>()
  const groups: Group[] = []
  const total = new Float64Array(width)
  const of = names.map((name, row) => {
    const place = places.get(name) ?? groups.push({ count: 0, sum: new Float64Array(width) }) - 1
    places.set(name, place)
    const group = groups[place]!
    group.count++
    for (let k = 0; k < width; k++) {
      group.sum[k]! += features[row * width + k]!
      total[k]! += features[row * width + k]!
    }
    return place
  })
  return { groups, of, total }
}

/** Σ over i, j of ‖u(i) − u(j)‖² of `count` unit vectors whose sum has this square. */
const spread = (count: number, squareOfSum: number): number => 2 * count ** 2 - 2 * squareOfSum

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0)
const square = (a: Float64Array): number => dot(a, a)

function along(features: Float32Array, width: number, row: number, vector: Float64Array): number {
  let sum = 0
  for (let k = 0; k < width; k++) sum += features[row * width + k]! * vector[k]!
  return sum
}

function dotRows(a: Float32Array, b: Float32Array, width: number, row: number): number {
  let sum = 0
  for (let k = 0; k < width; k++) sum += a[row * width + k]! * b[row * width + k]!
  return sum
}
