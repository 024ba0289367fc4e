import type { CaptionCounts } from '../../data/index.ts'
import { formatNumber } from '../../report/index.ts'

/**
 * Sentences about captions that are longer than the texts of the model, or of a further tokenizer, and were cut; none if
 * there are no such captions.
 */
export function cutCaptions({ read, cut, cutFor = {} }: CaptionCounts, length: number): string[] {
  const many = (count: number) => `${formatNumber(count)} of ${formatNumber(read)} captions`
  const further = Object.entries(cutFor).filter(([, count]) => count > 0)
  const own =
    `${many(cut)} are longer than ${length} tokens and were cut: train with a larger text.length ` +
    '(model.text_config.max_position_embeddings)'
  return [
    ...(cut > 0 ? [own] : []),
    ...further.map(([name, count]) => `${many(count)} are too long for ${name} and were cut for it`),
  ]
}
