/** Kernel of scaling: a weight by distance, zero from the support on. */
interface Kernel1d {
  readonly support: number
  weight(distance: number): number
}

/** Kernels of scaling, as in Pillow. */
export const kernels = {
  bilinear: { support: 1, weight: (d) => Math.max(0, 1 - d) },
  /** Keys (1981), a = −0.5. */
  bicubic: { support: 2, weight: keys },
  /** Three lobes of the windowed sinc. */
  lanczos: { support: 3, weight: (d) => (d < 3 ? sinc(d) * sinc(d / 3) : 0) },
} as const satisfies Readonly<Record<string, Kernel1d>>

/** Name of a kernel. */
export type Kernel = keyof typeof kernels

export const kernelNames = Object.keys(kernels) as [Kernel, ...Kernel[]]

function keys(d: number): number {
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0
}

/** sin(πx) / πx */
const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))
