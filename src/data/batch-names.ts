import { ConfigError } from '../core/index.ts'
import type { ArrayKinds } from './array-rows.ts'
import { type LabelKinds, presentName } from './label-rows.ts'

/** Arrays that any batch may have. */
const reserved = [
  ...['pixelValues', 'concepts', 'inputIds', 'attentionMask', 'globalViews', 'localViews'],
  ...['augmentations', 'texts', 'partnerConcepts', 'partnerTexts', 'imageShares', 'textShares'],
]

/**
 * Refuse labels and arrays of a source with the names of other arrays of the batch.
 * @param eyes Arrays of further eyes on images and texts.
 * @throws ConfigError `data/label-name` and `data/array-name` for a name that another array has.
 */
export function checkBatchNames(labels: LabelKinds, arrays: ArrayKinds, eyes: readonly string[] = []): void {
  const labelNames = Object.keys(labels)
  const taken = [...reserved, ...eyes, ...labelNames.map(presentName)]
  requireFree('label', labelNames, taken)
  requireFree('array', Object.keys(arrays), [...taken, ...labelNames])
}

function requireFree(what: 'label' | 'array', names: readonly string[], taken: readonly string[]): void {
  const clash = names.find((name) => taken.includes(name))
  if (clash === undefined) return
  const article = what === 'array' ? 'an' : 'a'
  const message = `${article} ${what} may not be called "${clash}": batches have another array of that name; rename it`
  const code = what === 'array' ? 'data/array-name' : 'data/label-name'
  throw new ConfigError(code, message, { [what]: clash })
}
