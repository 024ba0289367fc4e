import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CheckpointError } from '../core/index.ts'
import {
  type DeviceName,
  Engine,
  type Program,
  type ProgramValue,
  requireWorkingDevice,
} from '../engine/index.ts'
import { isSymbolic, producer, type Tensor } from '../graph/index.ts'
import type { ExportedGraph, Model } from '../models/index.ts'
import { namedParameters } from '../nn/index.ts'
import type { FamilyOptions, ModelDescription } from './bundle.ts'
import type { CheckpointChoice } from './checkpoint-choice.ts'
import { exportedGraphs } from './exported-graphs.ts'
import { Manifest } from './manifest.ts'
import { onnxFiles } from './onnx-files.ts'
import { readModelWeights } from './read-bundle.ts'
import { requireGraphFits, wayOut } from './require-graph-fits.ts'
import { leftOutNote } from './weights.ts'

/** Options of a runtime. */
export interface RuntimeOptions extends FamilyOptions {
  /** Device of the model. Default `cpu`. */
  readonly device?: DeviceName | undefined
  /** Threads for one operation on the CPU. Default: all cores. */
  readonly threads?: number | undefined
  /** Checkpoint of a run whose weights are used; see `readBundle`. */
  readonly checkpoint?: CheckpointChoice | undefined
  /** Receive sentences for people, such as which tensors of a file are not used. */
  readonly onNote?: ((text: string) => void) | undefined
}

/** A graph that is ready to run, and the outputs of its model. */
export interface LoadedGraph {
  readonly program: Program
  readonly outputs: readonly string[]
  /** Tell if an input may have any size along an axis, by the model and by the file. */
  isFree(input: string, axis: number): boolean
}

/** The inputs of a model's graphs, for any number of images and texts. */
export function modelInputs({ inputs }: Model): {
  readonly image: ProgramValue
  readonly text: ProgramValue
} {
  const { size, channels } = inputs.image
  const image = [undefined, channels, size, size]
  const text = [undefined, inputs.text.length]
  return {
    image: { name: 'pixel_values', dtype: 'float32', shape: image },
    text: { name: 'input_ids', dtype: 'int64', shape: text },
  }
}

/**
 * Load graphs of a model: the ONNX files of its folder or, without them, the graphs that an export of its weights would
 * write.
 * @param inputs Inputs of each graph, by the name of its file.
 * @throws CheckpointError `bundle/onnx` naming the file, and its input or output that does not fit the config; for
 * weights the errors of `readBundle`. ConfigError `engine/device`, EngineError `engine/device-fails`.
 */
export async function loadGraphs<Name extends string>(
  directory: string,
  description: ModelDescription,
  inputs: Readonly<Record<Name, readonly ProgramValue[]>>,
  { device = 'cpu', threads, checkpoint, families, onNote }: RuntimeOptions,
): Promise<Readonly<Record<Name, LoadedGraph>>> {
  const working = await requireWorkingDevice(device)
  const engine = new Engine({ device: working, ...(threads !== undefined && { threads }) })
  namedParameters(description.model) // gives the leaves of the graphs their names
  const graphs = exportedGraphs(description.model, description.tokenizer, families)
  const loaded: Partial<Record<string, LoadedGraph>> = {}
  const chosen = { checkpoint, families, onNote }
  for (const { name, bytes, verify } of graphFiles(directory, description, Object.keys(inputs), chosen)) {
    const file = onnxFile(directory, name)
    const loading = engine.load(bytes, { optimize: true })
    loading.catch(() => {}) // a file that was altered is named as such
    verify?.() // while ONNX Runtime prepares it on another thread
    const program = await loading.catch((cause: Error) => {
      throw new CheckpointError('bundle/onnx', `${file}: ${cause.message}. ${wayOut}`, { file }, { cause })
    })
    const outputs = Object.entries(graphs[name]!.outputs).map(valueOfOutput)
    requireGraphFits(program, { inputs: inputs[name as Name], outputs }, file)
    loaded[name] = {
      program,
      outputs: outputs.map((output) => output.name),
      isFree: (input, axis) =>
        isFreeByModel(graphs[name]!, input, axis) &&
        program.inputs.some((value) => value.name === input && value.shape[axis] === undefined),
    }
  }
  return loaded as Record<Name, LoadedGraph>
}

const isFreeByModel = ({ symbolicSizes }: ExportedGraph, name: string, axis: number): boolean =>
  symbolicSizes.some((size) => size.axis === axis && producer(size.input, 'input')?.attributes.name === name)

const onnxFile = (directory: string, name: string): string => join(directory, 'onnx', `${name}.onnx`)

const valueOfOutput = ([name, { dtype, shape }]: [string, Tensor]): ProgramValue => ({
  name,
  dtype,
  shape: shape.map((size) => (isSymbolic(size) ? undefined : size)),
})

/** A graph as a file. */
interface GraphFile {
  readonly name: string
  readonly bytes: Uint8Array
  /** Check of the bytes, where a manifest lists them. @throws CheckpointError `bundle/altered`. */
  readonly verify?: () => void
}

/** Bytes of one graph after the other, so that only one is in memory. */
function* graphFiles(
  directory: string,
  { model, tokenizer }: ModelDescription,
  names: readonly string[],
  { checkpoint, families, onNote }: Pick<RuntimeOptions, 'checkpoint' | 'families' | 'onNote'>,
): Generator<GraphFile> {
  const hasFiles = names.some((name) => existsSync(onnxFile(directory, name)))
  if (hasFiles && checkpoint === undefined) {
    const manifest = Manifest.read(directory)
    for (const name of names) {
      const bytes = readGraph(onnxFile(directory, name))
      yield { name, bytes, verify: () => manifest?.requireBytes(`onnx/${name}.onnx`, bytes) }
    }
  } else {
    const loaded = readModelWeights(directory, model, checkpoint, families)
    const note = leftOutNote(directory, loaded)
    if (note !== undefined) onNote?.(note)
    for (const [name, bytes] of onnxFiles(model, loaded.weights, tokenizer, { families, only: names }))
      yield { name, bytes }
  }
}

function readGraph(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new CheckpointError('bundle/onnx', `${file} cannot be read. ${wayOut}`, { file }, { cause })
  }
}
