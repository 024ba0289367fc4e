/** Whole numbers that stand for the numbers of a matrix, and what one of them is worth. */
export interface ColumnCodes {
  /** [inputs, outputs] */
  readonly codes: Int8Array
  /** One scale for each output. */
  readonly scales: Float32Array
}

/** Bits of a weight. Of 7, codes go to ±63. */
export type WeightBits = 7 | 8

/** Rounded to the nearest, even on a tie, as ONNX's QuantizeLinear rounds. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below
}

const limited = (value: number, lowest: number, highest: number): number =>
  Math.min(Math.max(roundHalfEven(value), lowest), highest)

/**
 * Symmetric codes of a matrix [inputs, outputs], one scale for each output:
 *
 *     scale = max|w| / (2^(bits − 1) − 1),   code = round(w / scale)
 */
export function columnCodes(matrix: Float32Array, outputs: number, bits: WeightBits): ColumnCodes {
  const highest = 2 ** (bits - 1) - 1
  const scales = new Float32Array(outputs)
  for (let i = 0; i < matrix.length; i++) {
    const size = Math.abs(matrix[i]!)
    if (size > scales[i % outputs]!) scales[i % outputs] = size
  }
  for (let column = 0; column < outputs; column++) scales[column] = scales[column]! / highest || 1
  const codes = new Int8Array(matrix.length)
  for (let i = 0; i < matrix.length; i++)
    codes[i] = limited(matrix[i]! / scales[i % outputs]!, -highest, highest)
  return { codes, scales }
}

/** Symmetric codes of a table [rows, width], ±127, one scale for each row. */
export function rowCodes(table: Float32Array, width: number): ColumnCodes {
  const rows = table.length / width
  const codes = new Int8Array(table.length)
  const scales = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    const values = table.subarray(row * width, (row + 1) * width)
    const scale = Math.fround(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127) || 1
    scales[row] = scale
    for (let i = 0; i < width; i++) codes[row * width + i] = limited(values[i]! / scale, -127, 127)
  }
  return { codes, scales }
}

/** Codes of the columns of a matrix in blocks, as `Tensor.matmulBits` takes them. */
export interface BlockCodes {
  /** [outputs, blocks, block·bits/8] */
  readonly codes: Uint8Array
  /** [outputs·blocks] */
  readonly scales: Float32Array
  /** [outputs·⌈blocks·bits/8⌉]; undefined for symmetric codes. */
  readonly zeroPoints: Uint8Array | undefined
}

/** Size of the blocks and kind of their codes. */
export interface BlockOptions {
  readonly bits: 4 | 8
  readonly block: number
  /** True: codes around half of their range; false: each block has a zero point of its own. */
  readonly symmetric: boolean
}

/**
 * Codes of a matrix in blocks of each output's numbers:
 *
 *     symmetric:   scale = max|w| / (2^(bits − 1) − 1),       code = round(w / scale) + 2^(bits − 1)
 *     asymmetric:  scale = (max(w, 0) − min(w, 0)) / (2^bits − 1),  code = round(w / scale) + round(−min(w, 0) / scale)
 *
 * @param numbers [outputs, inputs], a row for each output.
 */
export function blockCodes(
  numbers: Float32Array,
  inputs: number,
  { bits, block, symmetric }: BlockOptions,
): BlockCodes {
  const outputs = numbers.length / inputs
  const blocks = Math.ceil(inputs / block)
  const [bytes, zeroBytes] = [(block * bits) / 8, Math.ceil((blocks * bits) / 8)]
  const codes = new Uint8Array(outputs * blocks * bytes)
  const scales = new Float32Array(outputs * blocks)
  const zeroPoints = new Uint8Array(outputs * zeroBytes)
  for (let output = 0; output < outputs; output++) {
    for (let i = 0; i < blocks; i++) {
      const from = output * inputs + i * block
      const values = numbers.subarray(from, Math.min(from + block, (output + 1) * inputs))
      const { scale, zeroPoint } = blockScale(values, bits, symmetric)
      scales[output * blocks + i] = scale
      put(zeroPoints.subarray(output * zeroBytes), bits, i, zeroPoint)
      const at = codes.subarray((output * blocks + i) * bytes)
      for (let k = 0; k < values.length; k++)
        put(at, bits, k, limited(values[k]! / scale + zeroPoint, 0, 2 ** bits - 1))
    }
  }
  return { codes, scales, zeroPoints: symmetric ? undefined : zeroPoints }
}

function blockScale(values: Float32Array, bits: 4 | 8, symmetric: boolean) {
  const low = values.reduce((least, value) => Math.min(least, value), 0)
  const high = values.reduce((most, value) => Math.max(most, value), 0)
  if (symmetric) {
    const half = 2 ** (bits - 1)
    return { scale: Math.fround(Math.max(-low, high) / (half - 1)) || 1, zeroPoint: half }
  }
  const scale = Math.fround((high - low) / (2 ** bits - 1)) || 1
  return { scale, zeroPoint: limited(-low / scale, 0, 2 ** bits - 1) }
}

/** Set a code; of 4 bits the first of two stands in the lower half of a byte. */
function put(bytes: Uint8Array, bits: 4 | 8, index: number, code: number): void {
  if (bits === 8) bytes[index] = code
  else bytes[index >> 1] = bytes[index >> 1]! | (code << (4 * (index % 2)))
}
