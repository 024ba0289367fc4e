import { type Batch, DataError, type HostArray } from '../../core/index.ts'
import { type FileGraph, weightedGraphs } from '../../deploy/index.ts'
import { isSymbolic, type Tensor, topologicalOrder } from '../../graph/index.ts'
import type { Subject, Tools } from '../method.ts'
import { channelRoot } from './channels.ts'
import { type Product, productsOf } from './products.ts'
import { nameOf } from './stored-leaves.ts'

/** Activations that products read. */
export interface ActivationPoint {
  readonly tensor: Tensor
  /** The value whose channels they have: see `channelRoot`. */
  readonly root: Tensor
  readonly width: number
  readonly products: readonly Product[]
}

/** A graph that is run on samples, and what is observed in it. */
export interface ObservedGraph {
  readonly name: string
  readonly graph: FileGraph
  /** Inputs that are fed, by name. */
  readonly fed: ReadonlyMap<string, Tensor>
  readonly points: readonly ActivationPoint[]
}

/** The graphs that show all layers of a model, as far as a batch can feed them. */
export interface Observation {
  readonly graphs: readonly ObservedGraph[]
  /** Layers in graphs that the batch does not feed. */
  readonly unseen: readonly string[]
}

/**
 * Choose the fewest graphs of a model that show its layers: the largest first.
 * @throws DataError `compression/calibration-data` when no graph can be fed with the batch.
 */
export function observedGraphs(subject: Subject, batch: Batch, tools: Tools): Observation {
  const all = allGraphs(subject, tools)
  const bySize = all.toSorted((a, b) => productsIn(b).length - productsIn(a).length)
  const covered = new Set<string>()
  const graphs: ObservedGraph[] = []
  for (const candidate of bySize) {
    const layers = productsIn(candidate).map(({ layer }) => layer)
    if (!isFed(candidate, batch) || layers.every((layer) => covered.has(layer))) continue
    graphs.push(candidate)
    for (const layer of layers) covered.add(layer)
  }
  if (graphs.length === 0 && all.some((each) => each.points.length > 0)) throw notFed(all, batch)
  const unseen = new Set(
    all
      .flatMap(productsIn)
      .map(({ layer }) => layer)
      .filter((layer) => !covered.has(layer)),
  )
  return { graphs, unseen: [...unseen] }
}

const productsIn = ({ points }: ObservedGraph): Product[] => points.flatMap(({ products }) => products)

function allGraphs(
  { bundle: { model, weights, tokenizer }, passes }: Subject,
  { families }: Tools,
): ObservedGraph[] {
  return Array.from(weightedGraphs(model, weights, tokenizer, { families, passes }), ([name, graph]) => {
    const leaves = topologicalOrder(Object.values(graph.outputs)).filter(({ op }) => op === 'input')
    const fed = leaves.map(({ outputs }) => outputs[0]).filter((leaf) => !graph.weights.has(leaf))
    return { name, graph, fed: new Map(fed.map((leaf) => [nameOf(leaf), leaf])), points: pointsOf(graph) }
  })
}

function pointsOf(graph: FileGraph): ActivationPoint[] {
  const points = new Map<Tensor, Product[]>()
  for (const product of productsOf(graph))
    points.set(product.input, [...(points.get(product.input) ?? []), product])
  return Array.from(points, ([tensor, products]) => ({
    tensor,
    root: channelRoot(tensor),
    width: products[0]!.inputs,
    products,
  }))
}

/** The name of an array of a batch that an input takes: `pixel_values` is `pixelValues`. */
const arrayName = (input: string): string =>
  input.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const isFed = ({ fed }: ObservedGraph, { arrays }: Batch): boolean =>
  [...fed.keys()].every((name) => Object.hasOwn(arrays, arrayName(name)))

function notFed(graphs: readonly ObservedGraph[], { arrays }: Batch): DataError {
  const wanted = graphs.map(({ name, fed }) => `${name}: ${[...fed.keys()].map(arrayName).join(', ')}`)
  const given = Object.keys(arrays)
  return new DataError(
    'compression/calibration-data',
    `samples to calibrate with have ${given.join(', ') || 'no arrays'}, with which no graph of the model can be run ` +
      `(${wanted.join('; ')}). Give data of the kind that the model was trained on`,
    { given, wanted },
  )
}

/**
 * Arrays of a batch that a graph is fed, by the names of its inputs.
 * @throws DataError `compression/calibration-data` for an array of another type or shape than the graph's.
 */
export function observedFeeds(
  { name, fed }: ObservedGraph,
  { arrays, ids }: Batch,
): Record<string, HostArray> {
  const feeds: Record<string, HostArray> = {}
  for (const [input, { dtype, shape }] of fed) {
    const array = arrays[arrayName(input)]!
    const fits =
      array.dtype === dtype &&
      array.shape.length === shape.length &&
      shape.every((size, axis) => isSymbolic(size) || size === array.shape[axis])
    if (!fits) {
      const wanted = `${dtype} [${shape.map((size) => (isSymbolic(size) ? 'any' : size)).join(', ')}]`
      throw new DataError(
        'compression/calibration-data',
        `samples to calibrate with do not fit the model: ${arrayName(input)} is ${array.dtype} [${array.shape.join(', ')}] ` +
          `from sample '${ids[0]}' on, but ${name} takes ${wanted}. Prepare the data as for this model's training`,
        { graph: name, input, wanted, sample: ids[0] },
      )
    }
    feeds[input] = array
  }
  return feeds
}
