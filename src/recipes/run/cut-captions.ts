import type { CaptionCounts } from '../../data/index.ts'
import { formatNumber } from '../../report/index.ts'

/**
 * A sentence about captions that are longer than the model's texts and were cut; none if there are no such captions.
 */
export function cutCaptions({ read, cut }: CaptionCounts, length: number): string[] {
  if (cut === 0) return []
  const many = `${formatNumber(cut)} of ${formatNumber(read)} captions`
  return [
    `${many} are longer than ${length} tokens and were cut: train with a larger text.length ` +
      '(model.text_config.max_position_embeddings)',
  ]
}
