/** Precisions in which the weights of a model are stored; they are computed with in float32. */
export const weightDTypes = ['float32', 'float16', 'bfloat16'] as const

export type WeightDType = (typeof weightDTypes)[number]

/** Values as IEEE 754 half precision, rounded to the nearest (even bits on a tie); from 65520 on they are infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const sign = (bits[i]! >>> 16) & 0x8000
    halves[i] = sign | magnitudeOf(bits[i]! & 0x7fffffff, Math.abs(values[i]!))
  }
  return halves
}

function magnitudeOf(bits: number, value: number): number {
  if (bits > 0x7f800000) return 0x7e00 | ((bits >>> 13) & 0x3ff) // NaN
  if (bits >= 0x477ff000) return 0x7c00 // infinity
  if (bits < 0x38800000) return roundHalfEven(value * 2 ** 24) // below 2⁻¹⁴: multiples of 2⁻²⁴
  return (bits - 0x38000000 + 0xfff + ((bits >>> 13) & 1)) >>> 13
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

/** Values as bfloat16, the upper half of float32, rounded to the nearest (even bits on a tie). */
export function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  return Uint16Array.from(bits, (word) => {
    if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40 // NaN, quiet
    return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  })
}

/** IEEE 754 half precision, given as bits, as float32 without rounding. */
export const fromFloat16 = (halves: Uint16Array): Float32Array => Float32Array.from(halves, halfToNumber)

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** bfloat16, given as bits, as float32 without rounding. */
export function fromBfloat16(halves: Uint16Array): Float32Array {
  const words = Uint32Array.from(halves, (half) => half << 16)
  return new Float32Array(words.buffer)
}
