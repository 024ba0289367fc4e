import { z } from 'zod'
import { withKind } from '../kind-key.ts'
import type { Sample } from '../sample.ts'
import type { BadSampleReport } from '../source.ts'
import { curriculumSchema, curriculumSelection } from './curriculum.ts'
import { measureDifficulties } from './difficulty.ts'
import { LossDifficultySelection } from './loss-difficulty.ts'
import { measuredDifficultySelection } from './measured-difficulty.ts'
import { progressiveDifficultySchema } from './progressive-difficulty.ts'
import type { Selection } from './selection.ts'

/** A sampler that adapts to the training, as plain data for a recipe. */
export const samplerSpec = withKind(
  'sampler',
  z.discriminatedUnion('kind', [curriculumSchema, progressiveDifficultySchema]),
)

export type SamplerSpec = z.output<typeof samplerSpec>

/** Test for a sampler that learns from the losses of samples. */
export const needsLosses = (spec: SamplerSpec): boolean =>
  spec.kind === 'progressiveDifficulty' && spec.by === 'loss'

/**
 * Selection of a sampler for a source. Selections by difficulty read the source once.
 * @throws as `measureDifficulties` and `curriculumSelection`.
 */
export async function openSelection(
  spec: SamplerSpec,
  seed: number,
  samples: () => AsyncIterable<{ readonly sample: Sample; readonly ordinal: number }>,
  onBad?: BadSampleReport,
): Promise<Selection> {
  if (spec.kind === 'progressiveDifficulty' && spec.by === 'loss') return new LossDifficultySelection(spec)
  const difficulties = await measureDifficulties(samples(), onBad)
  return spec.kind === 'curriculum'
    ? curriculumSelection(spec, difficulties, seed)
    : measuredDifficultySelection(spec, difficulties)
}
