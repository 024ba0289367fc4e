import { float32, type HostArray, int64, random } from '../../src/core/index.ts'
import type { Bundle } from '../../src/deploy/index.ts'
import { onnxFiles } from '../../src/deploy/onnx-files.ts'
import { Engine } from '../../src/engine/index.ts'
import type { Families } from '../../src/models/index.ts'

const engine = new Engine({ threads: 1 })
const rows = 2
/** Number of words that all models of tests know. */
const smallestVocabulary = 20

/** Outputs of all ONNX files of a bundle, by file and name, on random pictures and words. */
export async function exportedOutputs(
  { model, weights, tokenizer }: Bundle,
  families?: Families,
): Promise<Record<string, readonly number[]>> {
  const found: Record<string, readonly number[]> = {}
  for (const [file, bytes] of onnxFiles(model, weights, tokenizer, { families })) {
    const program = await engine.load(bytes, { optimize: true })
    const feeds = program.inputs.map(({ name, dtype, shape }) => {
      const free = name === 'input_ids' ? model.inputs.text.length : rows
      const sizes = shape.map((size, axis) => size ?? (axis === 0 ? rows : free))
      return [name, fed(name, dtype, sizes)] as const
    })
    for (const [name, tensor] of Object.entries(await program.run(Object.fromEntries(feeds)))) {
      found[`${file}/${name}`] = Array.from(tensor.data as ArrayLike<number | bigint>, Number)
    }
    await program.release()
  }
  return found
}

function fed(name: string, dtype: string, shape: readonly number[]): HostArray {
  const stream = random(4, name)
  const count = shape.reduce((product, size) => product * size, 1)
  if (dtype === 'float32')
    return float32(
      shape,
      Array.from({ length: count }, () => stream.normal()),
    )
  const last = shape.at(-1)!
  if (name === 'input_ids')
    return int64(
      shape,
      Array.from({ length: count }, () => stream.integer(smallestVocabulary)),
    )
  return int64(
    shape,
    Array.from({ length: count }, (_, i) => i % last),
  )
}

/** The largest difference of two results of {@link exportedOutputs}. */
export function largestDifference(
  one: Readonly<Record<string, readonly number[]>>,
  other: Readonly<Record<string, readonly number[]>>,
): number {
  if (Object.keys(one).join() !== Object.keys(other).join()) return Number.POSITIVE_INFINITY
  return Math.max(
    ...Object.entries(one).map(([name, values]) =>
      values.length === other[name]!.length
        ? Math.max(...values.map((value, i) => Math.abs(value - other[name]![i]!)))
        : Number.POSITIVE_INFINITY,
    ),
  )
}
