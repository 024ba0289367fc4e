import { type Html, html } from './html.ts'

/**
 * A shade over an image that is thinner the larger the weight of a patch is: none over the largest, dark over those
 * without weight. Undefined for weights that are no square of patches.
 * @param weights Not negative, row by row from the upper left corner.
 */
export function attentionOver(weights: readonly number[]): Html | undefined {
  const side = Math.sqrt(weights.length)
  const most = Math.max(...weights)
  if (weights.length === 0 || !Number.isInteger(side) || !(most > 0)) return undefined
  const shades = weights.map((weight, i) => {
    const [x, y] = [i % side, Math.floor(i / side)]
    // The root keeps weak attention visible.
    const shade = darkest * (1 - Math.sqrt(Math.max(weight, 0) / most))
    return html`<path d="M${x} ${y}h1v1h-1z" fill-opacity="${Number(shade.toFixed(2))}"/>`
  })
  return html`<svg class="attention" viewBox="0 0 ${side} ${side}" preserveAspectRatio="none" aria-hidden="true">${shades}</svg>`
}

/** Opacity of the shade over a patch without weight. */
const darkest = 0.82
