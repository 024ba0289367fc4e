import { ConfigError } from '../../core/index.ts'
import { PairTally, type Source } from '../../data/index.ts'

/** Samples after which data passes without a mismatch: reading more at the start would take too long. */
const most = 10_000

/**
 * Refuse data in which every image matches every caption, as where all captions are the same: a contrastive loss learns
 * nothing from it. Reading ends at the first mismatch.
 * @param firstCaption Probability of the first caption; with 1 the others are not read in training.
 * @throws ConfigError `config/nothing-to-compare`.
 */
export async function requireMismatch(source: Source, firstCaption: number): Promise<void> {
  const tally = new PairTally()
  let samples = 0
  let caption: string | undefined
  for await (const { id, concept = id, captions } of source.samples({ onBad: () => {} })) {
    for (const text of firstCaption === 1 ? captions.slice(0, 1) : captions) tally.add(concept, text)
    if (!tally.allMatch || samples === most) return
    samples++
    caption = captions[0]
  }
  // Data without a usable sample is told by the loader, with its reasons.
  if (samples === 0) return
  const { name } = source
  const what =
    samples === 1
      ? 'has one usable sample'
      : tally.count.texts === 1
        ? `has the caption ${JSON.stringify(caption?.slice(0, 80))} for all of its ${samples} samples`
        : `has samples of one concept only`
  throw new ConfigError(
    'config/nothing-to-compare',
    `${name} ${what}: a contrastive loss compares images with captions that do not fit, and there are none`,
    { source: name, samples },
  )
}
