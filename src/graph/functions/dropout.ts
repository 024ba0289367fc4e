import { broadcastShapes, ConfigError, sameShape } from '../../core/index.ts'
import { misfit } from '../ops/misfit.ts'
import type { Tensor } from '../tensor.ts'

/**
 * Inverted dropout (Srivastava et al. 2014): x · mask / (1 − rate), so that nothing needs scaling when the model
 * is used. The mask is fed, because randomness is data: the same seed gives the same bits on every device.
 *
 * @param rate Fraction dropped, in [0, 1): the fraction of zeros in the mask.
 * @param mask 1 or true where x is kept; broadcasts to x, e.g. [batch, 1, 1] drops whole samples.
 * @throws ConfigError `graph/dropout-rate`, ShapeError `shape/dropout`.
 */
export function dropout(x: Tensor, rate: number, mask: Tensor): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new ConfigError('graph/dropout-rate', `dropout: rate ${rate} must lie in [0, 1)`, { rate })
  }
  const shape = broadcastShapes(x.shape, mask.shape)
  if (!shape || !sameShape(shape, x.shape)) {
    throw misfit('dropout', [x, mask], `the mask must broadcast to [${x.shape}]; reshape it`)
  }
  return x.mul(mask.cast(x.dtype).mul(1 / (1 - rate)))
}
