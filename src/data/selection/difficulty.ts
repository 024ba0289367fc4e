import { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import type { BadSampleReport } from '../source.ts'

const perObject = 0.1
const perWord = 0.01
const mostForWords = 0.5
const ofTask = 0.3
const ofScene = 0.2

/**
 * Difficulty of a sample: 0.1 · objects + min(0.01 · words, 0.5) + 0.3 · task + 0.2 · scene.
 *
 * Words are counted in all captions and averaged, since training may take any of them. A missing `complexity` counts 0:
 * such samples differ by their words only.
 * @returns 0 or more; 1 is a scene of five objects with a command of ten words at the highest complexity of scene and
 * 2/3 of that of tasks, for example.
 */
export function difficultyOf({ captions, complexity }: Pick<Sample, 'captions' | 'complexity'>): number {
  const words = captions.map((caption) => caption.split(/\s+/).filter(Boolean).length)
  const meanWords = words.reduce((sum, count) => sum + count, 0) / Math.max(1, words.length)
  const { objects = 0, task = 0, scene = 0 } = complexity ?? {}
  return perObject * objects + Math.min(perWord * meanWords, mostForWords) + ofTask * task + ofScene * scene
}

/**
 * Measure the difficulty of every place of a source; NaN where there is no usable sample.
 * @param samples Whole pass with its places. Only the difficulties are kept: eight bytes for each sample.
 * @throws DataError `data/bad-complexity` for a sample whose complexity is no number, unless `onBad` takes it.
 */
export async function measureDifficulties(
  samples: AsyncIterable<{ readonly sample: Sample; readonly ordinal: number }>,
  onBad?: BadSampleReport,
): Promise<readonly number[]> {
  const difficulties: number[] = []
  for await (const { sample, ordinal } of samples) {
    while (difficulties.length < ordinal) difficulties.push(Number.NaN)
    const difficulty = difficultyOf(sample)
    difficulties.push(difficulty)
    if (Number.isFinite(difficulty) && difficulty >= 0) continue
    difficulties[ordinal] = Number.NaN
    const error = badComplexity(sample)
    if (!onBad) throw error
    onBad(error)
  }
  return difficulties
}

const badComplexity = ({ id, origin, complexity }: Sample): DataError =>
  new DataError(
    'data/bad-complexity',
    `${origin.file}${origin.line === undefined ? '' : `:${origin.line}`}: the complexity of sample ${id} is ` +
      `${JSON.stringify(complexity)}; objects, task and scene must be numbers of 0 or more`,
    { sample: id, ...origin },
  )
