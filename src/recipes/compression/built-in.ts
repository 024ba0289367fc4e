import { type CompressionInput, compressionKeys, methods, structuredStep } from '../../compression/index.ts'
import { didYouMean } from '../../core/index.ts'
import { assigned } from '../recipe/override.ts'
import { fineTuneSchema, fineTuneStep } from './fine-tune.ts'

/**
 * A smaller `emoji`, from a trained run: three of ten hidden units and attention heads are removed from every layer, and what is left
 * learns from the original again.
 */
export const emojiSmall = (): CompressionInput => ({
  steps: [
    structuredStep({ ratio: 0.3, of: ['hidden', 'heads'] }),
    fineTuneStep({ epochs: 12, distil: true }),
  ],
})

/**
 * A compression with some values replaced, as `override` does with a recipe.
 * @throws ConfigError `config/override`, `config/unknown-key` naming the nearest.
 */
export function assignedCompression(
  input: CompressionInput,
  assignments: readonly string[],
): CompressionInput {
  const keysAt = compressionKeys({ ...methods, fineTune: { schema: fineTuneSchema } })
  const known = (path: readonly string[]) =>
    keysAt(path.map((key) => (/^\d+$/.test(key) ? Number(key) : key)))
  const hint = (path: readonly string[], wrong: string) => didYouMean(wrong, known(path) ?? [])
  return assigned(input, assignments, { known, hint }) as unknown as CompressionInput
}
