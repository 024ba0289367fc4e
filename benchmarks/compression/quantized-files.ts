import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Subject, Tools } from '../../src/compression/method.ts'
import { int8, int8Options, weightOnly } from '../../src/compression/quantization/index.ts'
import { type Batch, writeSafetensors } from '../../src/core/index.ts'
import { weightedGraphs } from '../../src/deploy/index.ts'
import { writeOnnx } from '../../src/graph/index.ts'

/** The graph that is measured: the image tower. */
export const graphName = 'vision_model'
const inputName = 'pixel_values'

/** An ONNX file in one of its forms, or why there is none. */
export interface QuantizedFile {
  readonly name: string
  readonly path?: string
  readonly skipped?: string
}

/** Write the graph of a subject. */
function write(directory: string, name: string, { bundle, passes }: Subject): QuantizedFile {
  const { model, weights, tokenizer } = bundle
  for (const [, graph] of weightedGraphs(model, weights, tokenizer, { only: [graphName], passes })) {
    const path = join(directory, `${name}.onnx`)
    writeFileSync(path, writeOnnx(graph.outputs, graph).bytes)
    return { name, path }
  }
  throw new Error(`the model has no graph ${graphName}`)
}

/** A way to make a file: its name, and the work. */
export interface Way {
  readonly name: string
  readonly make: () => Promise<QuantizedFile>
}

/** The file in float. */
export const floatFile = (directory: string, subject: Subject): QuantizedFile =>
  write(directory, 'float', subject)

/**
 * Ways to quantize: ours as a user gets it by `--int8`, and Python's onnxruntime on the same float file with the same samples.
 * @param all Also our other ways, and Python's weights of 7 bits.
 */
export function waysToQuantize(
  directory: string,
  subject: Subject,
  batches: readonly Batch[],
  { float, all }: { readonly float: QuantizedFile; readonly all: boolean },
): Way[] {
  const tools: Tools = {
    seed: 1,
    async *batches() {
      yield* batches
    },
    gradients: () => Promise.reject(new Error('quantization asks for no gradients')),
    quality: () => Promise.reject(new Error('quantization asks for no quality')),
    note: (text) => console.error(text),
  }
  const ours = (name: string, options: Parameters<typeof int8Options>[0]): Way => ({
    name,
    make: async () => write(directory, name, await int8.apply(int8Options(options), subject, tools)),
  })
  const python = (name: string, reduceRange: boolean): Way => ({
    name,
    make: async () => peer(name, reduceRange, directory, float.path!, batches),
  })
  const usual = [ours('int8', {}), python('python-8bit', false)]
  if (!all) return usual
  const fourBits = { kind: 'weightOnly', bits: 4, group: 32, symmetric: true, keepFloat: [] } as const
  return [
    ...usual,
    python('python-7bit', true),
    ours('int8-8bit', { weights: 8 }),
    ours('int8-plain', { smooth: false }),
    ours('int8-percentile', { calibration: 'percentile' }),
    {
      name: 'weights-4bit',
      make: async () => write(directory, 'weights-4bit', await weightOnly.apply(fourBits, subject, tools)),
    },
  ]
}

/** Python's quantize_static with weights of 8 bits, or of 7 by its `reduce_range`. */
function peer(
  name: string,
  reduceRange: boolean,
  directory: string,
  model: string,
  batches: readonly Batch[],
): QuantizedFile {
  const calibration = join(directory, 'calibration.safetensors')
  writeSafetensors(
    calibration,
    batches.map(({ arrays }, i) => [`batch${String(i).padStart(3, '0')}`, arrays.pixelValues!]),
  )
  const out = join(directory, `${name}.onnx`)
  const task = { model, calibration, input: inputName, out, reduceRange }
  const script = join(import.meta.dirname, '../peers/onnxruntime_quantize.py')
  const python = process.env.VISUOMOTOR_PYTHON ?? 'python3'
  const { status, stderr } = spawnSync(python, [script, JSON.stringify(task)], { encoding: 'utf8' })
  if (status === 0) return { name, path: out }
  return { name, skipped: stderr.trim().split('\n').at(-1) ?? `${python} ended with ${status}` }
}
