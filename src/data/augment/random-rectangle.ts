import type { Random } from '../../core/index.ts'
import type { Rectangle } from '../images/index.ts'

/**
 * A rectangle within `width` × `height`: its area uniform in `scale` (fractions of the whole), its aspect log-uniform
 * in `ratio` (width / height), its place uniform. Undefined when ten draws did not fit.
 */
export function drawRectangle(
  { width, height }: { readonly width: number; readonly height: number },
  { scale, ratio }: { readonly scale: readonly [number, number]; readonly ratio: readonly [number, number] },
  random: Random,
): Rectangle | undefined {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * random.uniform(scale[0], scale[1])
    const aspect = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])))
    const [w, h] = [Math.sqrt(area * aspect), Math.sqrt(area / aspect)]
    if (w > width || h > height) continue
    return { left: random.uniform(0, width - w), top: random.uniform(0, height - h), width: w, height: h }
  }
  return undefined
}
