import type { Tensor } from '../../graph/index.ts'

/** Ids [batch, places] int64 that stand at these places of texts [batch, length]; a place of −1 reads the first id. */
export const wordsAt = (inputIds: Tensor, places: Tensor): Tensor =>
  inputIds.gatherElements(places.maximum(0), 1)

/**
 * Judgement of predicted words.
 * @param logits [batch, places, vocabulary]  @param targets The true words, int64 [batch, places].
 * @returns `best`: the most probable word at each place, int64; `logProbabilities` of the true ones. Both [batch, places].
 */
export function wordScores(
  logits: Tensor,
  targets: Tensor,
): { readonly best: Tensor; readonly logProbabilities: Tensor } {
  const chosen = targets.reshape([...targets.shape, 1])
  return {
    best: logits.argMax(2),
    logProbabilities: logits.logSoftmax().gatherElements(chosen, -1).reshape(targets.shape),
  }
}
