/**
 * Weight of attention about a place: Σ a · exp(−d² / 2) over the patches, where d is the distance of a patch's centre from the
 * place in patches.
 * @param attention Weights of a square of patches, row by row. @param place Fractions of width and height from the upper left corner.
 */
export function attentionAt(
  attention: readonly number[],
  { x, y }: { readonly x: number; readonly y: number },
): number {
  const side = Math.sqrt(attention.length)
  return attention.reduce((sum, weight, i) => {
    const across = (i % side) + 0.5 - x * side
    const down = Math.floor(i / side) + 0.5 - y * side
    return sum + weight * Math.exp(-(across ** 2 + down ** 2) / 2)
  }, 0)
}
