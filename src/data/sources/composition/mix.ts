import { ConfigError, random } from '../../../core/index.ts'
import type { Source } from '../../source.ts'
import { deliver, type Found } from '../pass.ts'
import { Cycle } from './cycle.ts'
import { describedByParts, mapParts, type Parts, specsOf } from './parts.ts'
import { shareOf } from './share.ts'

/** A source in a mixture, and its frequency compared with the others. */
export interface MixturePart {
  readonly data: Source
  readonly weight: number
}

/** Options of `mix`. */
export interface MixOptions {
  /** Seed of the draws. Default 0. */
  readonly seed?: number
}

/**
 * Mix samples of several sources in constant proportions:
 *
 *     mix({ photos: { data: folder('photos', options), weight: 3 }, drawings: { data: emoji({ split: 'train' }), weight: 1 } })
 *
 * At each place a part is drawn by its weight, and gives its next sample. A part that ends begins again; the pass ends
 * as soon as every part has been gone through. So no sample is left out, and samples of parts that are small for their
 * weight come several times. An id begins with the name of its part. It ends with `#2` at the second time, and so on;
 * both samples have one concept.
 *
 * The draws depend on seed and weights only, so a pass that begins at a later place replays them without reading.
 * @throws ConfigError `data/composition` for no parts, for a weight that is not positive, and for labels or arrays that
 * differ; DataError `data/empty-source` during a pass for a part without usable samples.
 */
export function mix(parts: Parts<MixturePart>, { seed = 0 }: MixOptions = {}): Source {
  const sources = mapParts(parts, ({ data }) => data)
  const weights = Object.entries(parts).map(([name, { weight }]) => requireWeight(name, weight))
  const described = describedByParts(
    sources,
    mapParts(parts, ({ weight }) => weight),
  )
  const specs = specsOf(sources)
  const size = lengthOf(Object.values(sources), { weights, seed })
  return {
    name: `mix(${Object.keys(parts).join(', ')})`,
    ...(specs && {
      spec: {
        kind: 'mix',
        of: mapParts(specs, (data, name) => ({ data, weight: parts[name]!.weight })),
        seed,
      },
    }),
    ...(size !== undefined && { size }),
    ...described,
    samples: ({ skip = 0, onBad } = {}) => deliver(mixed(sources, { weights, seed, skip }), onBad),
    share: (member) =>
      mix(
        mapParts(parts, ({ data, weight }) => ({ data: shareOf(data, member), weight })),
        { seed },
      ),
  }
}

function requireWeight(name: string, weight: number): number {
  if (Number.isFinite(weight) && weight > 0) return weight
  throw new ConfigError('data/composition', `the weight of ${name} is ${weight}; it is a number above 0`, {
    name,
    weight,
  })
}

interface Draws {
  readonly weights: readonly number[]
  readonly seed: number
}

/** Part of each place, by its index: an endless sequence. */
function* draws({ weights, seed }: Draws): Generator<number, never> {
  const stream = random(seed, 'mix')
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let below = 0
  const borders = weights.map((weight) => {
    below += weight
    return below
  })
  borders[borders.length - 1] = Number.POSITIVE_INFINITY // whatever rounding makes of the sum
  for (;;) {
    const drawn = stream.uniform() * total
    yield borders.findIndex((border) => drawn < border)
  }
}

async function* mixed(
  sources: Parts,
  { skip, ...options }: Draws & { readonly skip: number },
): AsyncGenerator<Found> {
  const order = draws(options)
  const counts = options.weights.map(() => 0)
  for (let place = 0; place < skip; place++) counts[order.next().value]!++
  const cycles: Cycle[] = []
  try {
    for (const [name, source] of Object.entries(sources)) {
      cycles.push(await Cycle.after(counts[cycles.length]!, name, source))
    }
    while (!cycles.every(({ isThrough }) => isThrough)) {
      const cycle = cycles[order.next().value]!
      yield cycle.take()
      await cycle.advance()
    }
  } finally {
    for (const cycle of cycles) await cycle.close()
  }
}

/** Longest pass whose places are counted beforehand: counting a longer one takes more than a second. */
const longestCounted = 1e7

/** Count of places in a pass: the draws until every part has been drawn as often as it has places. */
function lengthOf(sources: readonly Source[], options: Draws): number | undefined {
  const { weights } = options
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const left = sources.map(({ size }) => size ?? 0)
  if (left.some((size, index) => size === 0 || (size * total) / weights[index]! > longestCounted))
    return undefined
  const order = draws(options)
  let unfinished = left.length
  let length = 0
  for (; unfinished > 0; length++) {
    if (--left[order.next().value]! === 0) unfinished--
  }
  return length
}
