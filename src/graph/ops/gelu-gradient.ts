import type { Tensor } from '../tensor.ts'

/** Gradient of the three forms of GELU with respect to x, times dy. */
export function geluGradient(
  x: Tensor,
  y: Tensor,
  dy: Tensor,
  approximation: 'none' | 'tanh' | 'quick',
): Tensor {
  if (approximation === 'quick') {
    // y = x·s, s = σ(αx):  dy/dx = s + α·y·(1 − s)
    const s = x.mul(1.702).sigmoid()
    return dy.mul(s.add(y.mul(1.702).mul(s.scalar(1).sub(s))))
  }
  if (approximation === 'tanh') {
    // y = x/2·(1 + t), t = tanh(c·(x + a·x³)):  dy/dx = (1 + t)/2 + x/2·(1 − t²)·c·(1 + 3a·x²)
    const c = Math.sqrt(2 / Math.PI)
    const a = 0.044715
    const square = x.mul(x)
    const t = x.mul(square.mul(c * a).add(c)).tanh()
    const slope = square.mul(1.5 * c * a).add(0.5 * c)
    const inner = x.mul(t.scalar(1).sub(t.mul(t))).mul(slope)
    return dy.mul(t.mul(0.5).add(0.5).add(inner))
  }
  // y = x·Φ(x):  dy/dx = Φ(x) + x·φ(x)
  const cumulative = x.mul(Math.SQRT1_2).erf().mul(0.5).add(0.5)
  const density = x
    .mul(x)
    .mul(-0.5)
    .exp()
    .mul(1 / Math.sqrt(2 * Math.PI))
  return dy.mul(cumulative.add(x.mul(density)))
}
