import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Subject, Tools } from '../../src/compression/method.ts'
import {
  type CalibrationMethod,
  int8,
  int8Options,
  weightOnly,
} from '../../src/compression/quantization/index.ts'
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

/** The file in float, by our ways to quantize, and by Python's onnxruntime. */
export async function quantizedFiles(
  directory: string,
  subject: Subject,
  batches: readonly Batch[],
): Promise<readonly QuantizedFile[]> {
  const float = write(directory, 'float', subject)
  const tools: Tools = {
    seed: 1,
    async *batches() {
      yield* batches
    },
    gradients: () => Promise.reject(new Error('quantization asks for no gradients')),
    quality: () => Promise.reject(new Error('quantization asks for no quality')),
    note: (text) => console.error(text),
  }
  const ours = async (name: string, weights: 'auto' | 8, calibration: CalibrationMethod, smooth: boolean) =>
    write(directory, name, await int8.apply(int8Options({ weights, calibration, smooth }), subject, tools))
  return [
    float,
    await ours('int8', 'auto', 'minMax', true),
    await ours('int8-8bit', 8, 'minMax', true),
    await ours('int8-plain', 'auto', 'minMax', false),
    await ours('int8-percentile', 'auto', 'percentile', true),
    write(
      directory,
      'weights-4bit',
      await weightOnly.apply(
        { kind: 'weightOnly', bits: 4, group: 32, symmetric: true, keepFloat: [] },
        subject,
        tools,
      ),
    ),
    ...peers(directory, float.path!, batches),
  ]
}

/** Python's quantize_static with weights of 8 bits and with its `reduce_range`, of 7. */
function peers(directory: string, model: string, batches: readonly Batch[]): QuantizedFile[] {
  const calibration = join(directory, 'calibration.safetensors')
  writeSafetensors(
    calibration,
    batches.map(({ arrays }, i) => [`batch${String(i).padStart(3, '0')}`, arrays.pixelValues!]),
  )
  return [false, true].map((reduceRange) => {
    const name = reduceRange ? 'python-7bit' : 'python-8bit'
    const out = join(directory, `${name}.onnx`)
    const task = { model, calibration, input: inputName, out, reduceRange }
    const script = join(import.meta.dirname, '../peers/onnxruntime_quantize.py')
    const python = process.env.VISUOMOTOR_PYTHON ?? 'python3'
    const { status, stderr } = spawnSync(python, [script, JSON.stringify(task)], { encoding: 'utf8' })
    if (status === 0) return { name, path: out }
    return { name, skipped: stderr.trim().split('\n').at(-1) ?? `${python} ended with ${status}` }
  })
}
