import { float32, type HostArray, type Shape, sizeOf } from '../../src/core/index.ts'

/** Sum of code points, weighted by place: see `formula` in test/golden/act/make.py. */
const phase = (name: string): number =>
  (Array.from(name).reduce((sum, letter, i) => sum + (i + 1) * letter.codePointAt(0)!, 0) % 1000) / 7

/** scale · sin(phase + 0.7·i) at place i: arrays of any size that no file holds. */
export const formula = (name: string, shape: Shape, scale = 1): HostArray<'float32'> => {
  const begin = phase(name)
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => scale * Math.sin(begin + 0.7 * i)),
  )
}

/** The weights of the tiny ACT of test/golden/act. */
export function actWeight(name: string, shape: Shape): HostArray<'float32'> {
  const plusOne = (scale: number) => {
    const { data } = formula(name, shape, scale)
    return float32(
      shape,
      data.map((value) => 1 + value),
    )
  }
  if (name.endsWith('running_var')) return plusOne(0.3)
  if (/\.(bn\d|norm\d?|downsample\.1)\.weight$/.test(name)) return plusOne(0.2)
  if (shape.length === 1) return formula(name, shape, 0.1)
  return formula(name, shape, 1.5 / Math.sqrt(sizeOf(shape.slice(1))))
}
