import { type HostArray, int64, type Shape, sameShape, VisuomotorError } from '../../core/index.ts'
import { type Lowering, type LoweringContext, ops } from '../op-table.ts'
import { onnxType } from '../ops/elementwise.ts'
import type { Node, Tensor } from '../tensor.ts'
import { topologicalOrder } from '../traverse.ts'
import { packings } from '../unpack-rows.ts'
import { encodeModel } from './schema.ts'
import { dimension, type SymbolicSize, symbolOf } from './symbolic-sizes.ts'

export interface OnnxGraph {
  readonly bytes: Uint8Array
  /** The values that must be fed, by name. */
  readonly inputs: ReadonlyMap<string, Tensor>
}

export interface WriteOptions {
  /** Values stored in the file in place of fed inputs: the weights of an exported model. */
  readonly weights?: ReadonlyMap<Tensor, HostArray>
  /** Values stored in the file for inputs that may be fed: they hold where nothing is. */
  readonly defaults?: ReadonlyMap<Tensor, HostArray>
  /** Sizes that stay free in the file. */
  readonly symbolicSizes?: readonly SymbolicSize[]
}

const opset = 21
const irVersion = 10

/** The graph of the named outputs as an ONNX file. */
export function writeOnnx(outputs: Readonly<Record<string, Tensor>>, options: WriteOptions = {}): OnnxGraph {
  const rows = packedRows(outputs)
  const symbolicSizes = [...(options.symbolicSizes ?? []), ...rows]
  const writer = new GraphWriter(outputs, { ...options, symbolicSizes })
  // Packed rows come first, because other nodes are sized by their number.
  const results = [...rows.map(({ input }) => input), ...Object.values(outputs)]
  for (const node of topologicalOrder(results)) writer.write(node)
  return writer.finish()
}

/** The number of rows of each packing, a size that the graph itself computes. */
function packedRows(outputs: Readonly<Record<string, Tensor>>): SymbolicSize[] {
  const first = new Map<number, Tensor>()
  for (const { attributes, outputs: results } of packings(topologicalOrder(Object.values(outputs)))) {
    if (!first.has(attributes.rows)) first.set(attributes.rows, results[0])
  }
  return [...first].map(([prime, input], i) => ({ prime, name: `packed_rows_${i}`, input, axis: 0 }))
}

/** A collector of the parts of a GraphProto, for nodes that come in topological order. */
class GraphWriter {
  readonly #outputs: Readonly<Record<string, Tensor>>
  readonly #weights: ReadonlyMap<Tensor, HostArray>
  readonly #defaults: ReadonlyMap<Tensor, HostArray>
  readonly #symbols: readonly SymbolicSize[]
  readonly #nodes: object[] = []
  readonly #initializers: object[] = []
  readonly #inputs = new Map<string, Tensor>()
  readonly #optional = new Map<string, Tensor>()
  readonly #names = new Map<Tensor, string>()
  readonly #wanted: ReadonlyMap<Tensor, string>
  /**
   * Inner values with free sizes. Their shapes stand in the file: ONNX Runtime does not infer all of them, shares no memory
   * among what it does not know, and takes quadratic time to find that out.
   */
  readonly #inner: Tensor[] = []

  constructor(outputs: Readonly<Record<string, Tensor>>, options: WriteOptions) {
    this.#outputs = outputs
    this.#weights = options.weights ?? new Map()
    this.#defaults = options.defaults ?? new Map()
    this.#symbols = options.symbolicSizes ?? []
    this.#wanted = new Map(Object.entries(outputs).map(([name, tensor]) => [tensor, name]))
  }

  write(node: Node): void {
    const row = ops[node.op]
    if (row.onnx === 'leaf') {
      this.#leaf(node)
      return
    }
    const lower = row.onnx as (context: LoweringContext<object>) => Lowering
    const lowering = lower({ ...node.attributes, inputs: node.inputs, outputs: node.outputs })
    // The slash keeps generated names apart from those of inputs and outputs.
    const name = `/${node.op}_${this.#nodes.length}`
    const constants = (lowering.constants ?? []).map((value, i) =>
      value === undefined ? '' : this.#argument(node, i, value, `${name}_${i}`),
    )
    node.outputs.forEach((output, i) => {
      this.#names.set(output, this.#wanted.get(output) ?? (i === 0 ? name : `${name}_output${i}`))
      if (!this.#wanted.has(output) && this.#isFree(output)) this.#inner.push(output)
    })
    this.#nodes.push({
      opType: lowering.op,
      domain: lowering.domain ?? '',
      name,
      input: [
        ...node.inputs.slice(0, lowering.reads).map((tensor) => this.#names.get(tensor)!),
        ...constants,
      ],
      output: node.outputs.map((output) => this.#names.get(output)!),
      attribute: Object.entries(lowering.attributes ?? {}).map(attributeProto),
    })
  }

  finish(): OnnxGraph {
    for (const [name, tensor] of Object.entries(this.#outputs)) {
      const written = this.#names.get(tensor)
      if (written !== name) this.#emit('Identity', [written!], name)
    }
    const bytes = encodeModel({
      irVersion,
      producerName: 'visuomotor',
      opsetImport: [
        { domain: '', version: opset },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: {
        name: 'graph',
        node: this.#nodes,
        initializer: this.#initializers,
        // An initializer that is an input, too, may be fed (ONNX, since IR version 4).
        input: [...this.#inputs, ...this.#optional].map(([name, tensor]) => this.#valueInfo(name, tensor)),
        output: Object.entries(this.#outputs).map(([name, tensor]) => this.#valueInfo(name, tensor)),
        valueInfo: this.#inner.map((tensor) => this.#valueInfo(this.#names.get(tensor)!, tensor)),
      },
    })
    return { bytes, inputs: this.#inputs }
  }

  #leaf(node: Node): void {
    const tensor = node.outputs[0]
    if (node.op === 'constant') {
      const { value } = node.attributes as { value: HostArray }
      this.#names.set(tensor, this.#value(value, `/constant_${this.#initializers.length}`))
      return
    }
    const { name } = node.attributes as { name: string }
    this.#names.set(tensor, name)
    const weight = this.#weights.get(tensor)
    const preset = this.#defaults.get(tensor)
    if (weight) this.#initializer(name, weight)
    else if (preset) this.#optional.set(this.#initializer(name, preset), tensor)
    else this.#input(name, tensor)
  }

  #input(name: string, tensor: Tensor): void {
    const known = this.#inputs.get(name) ?? tensor
    const output = this.#outputs[name] ?? tensor
    if (!sameShape(known.shape, tensor.shape) || known.dtype !== tensor.dtype || output !== tensor) {
      const message = `the name '${name}' stands for two things in one program; rename an input or an output`
      throw new VisuomotorError('onnx/duplicate-name', message, { name })
    }
    this.#inputs.set(name, tensor)
  }

  /** A constant; integers that stand for free sizes are computed when the program runs. */
  #value(value: HostArray, name: string): string {
    const sizes = this.#freeSizes(value)
    if (!sizes) return this.#initializer(name, value)
    if (value.shape.length > 0) return this.#sizes(sizes, name)
    return this.#emit('Squeeze', [this.#sizes(sizes, `${name}_sizes`)], name)
  }

  /** The elements of an array of integers of which some are free sizes. */
  #freeSizes({ dtype, data }: HostArray): number[] | undefined {
    if (dtype !== 'int64' || this.#symbols.length === 0) return undefined
    const sizes = Array.from(data as BigInt64Array, Number)
    return sizes.some((size) => symbolOf(size, this.#symbols)) ? sizes : undefined
  }

  /** The i-th constant argument of a node, with free sizes left free. */
  #argument(node: Node, i: number, value: HostArray, name: string): string {
    const sizes = this.#freeSizes(value)
    if (!sizes) return this.#initializer(name, value)
    const isFree = sizes.map((size) => symbolOf(size, this.#symbols) !== undefined)
    const replaced = (stand: number) => vector(sizes.map((size, axis) => (isFree[axis] ? stand : size)))
    if (node.op === 'reshape' && isFree.filter(Boolean).length === 1) {
      return this.#initializer(name, replaced(-1))
    }
    const wholeAxes = sizes.every((size, axis) => !isFree[axis] || size === node.inputs[0]!.shape[axis])
    if (node.op === 'slice' && i === 1 && wholeAxes) {
      return this.#initializer(name, replaced(Number.MAX_SAFE_INTEGER))
    }
    return this.#sizes(sizes, name)
  }

  /** A shape computed when the program runs, from the shapes of its inputs. */
  #sizes(sizes: Shape, name: string): string {
    const parts = sizes.map((size, i) => {
      const found = symbolOf(size, this.#symbols)
      if (!found) return this.#initializer(`${name}_size${i}`, vector([size]))
      const factor = this.#initializer(`${name}_factor${i}`, vector([found.factor]))
      return found.symbols.reduce((product, symbol, k) => {
        // What is sized like an input may come before it.
        if (!this.#names.has(symbol.input)) this.#leaf(symbol.input.node)
        const shape = this.#emit('Shape', [this.#names.get(symbol.input)!], `${name}_shape${i}_${k}`)
        const axis = this.#initializer(`${name}_axis${i}_${k}`, vector([symbol.axis]))
        const length = this.#emit('Gather', [shape, axis], `${name}_length${i}_${k}`)
        return this.#emit('Mul', [product, length], `${name}_part${i}_${k}`)
      }, factor)
    })
    return this.#emit('Concat', parts, name, [attributeProto(['axis', 0])])
  }

  #emit(opType: string, input: readonly string[], output: string, attribute: readonly object[] = []): string {
    this.#nodes.push({ opType, name: output, input, output: [output], attribute })
    return output
  }

  #initializer(name: string, { dtype, shape, data }: HostArray): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    this.#initializers.push({ name, dims: shape, dataType: onnxType[dtype], rawData })
    return name
  }

  #isFree({ shape }: Tensor): boolean {
    return shape.some((size) => symbolOf(size, this.#symbols) !== undefined)
  }

  #valueInfo(name: string, { shape, dtype }: Tensor): object {
    const dim = shape.map((size) => dimension(size, this.#symbols))
    return { name, type: { tensorType: { elemType: onnxType[dtype], shape: { dim } } } }
  }
}

const vector = (values: readonly number[]) => int64([values.length], values)

/** Attribute types of onnx.AttributeProto. */
const attributeType = { float: 1, int: 2, string: 3, ints: 7 } as const

function attributeProto([name, value]: [string, NonNullable<Lowering['attributes']>[string]]): object {
  if (typeof value === 'number') return { name, type: attributeType.int, i: value }
  if (typeof value === 'string') return { name, type: attributeType.string, s: Buffer.from(value) }
  if ('float' in value) return { name, type: attributeType.float, f: value.float }
  return { name, type: attributeType.ints, ints: value }
}
