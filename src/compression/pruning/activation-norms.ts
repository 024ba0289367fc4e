import type { HostArray } from '../../core/index.ts'
import type { Bundle } from '../../deploy/index.ts'
import { Engine, type Program, toHost } from '../../engine/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { feedsOf } from '../feeds.ts'
import type { Subject, Tools } from '../method.ts'
import { type GraphProducts, productsOf } from './products.ts'

/** Norm of each input of each matrix, by the matrix's path. */
export type ActivationNorms = ReadonlyMap<string, Float32Array>

/** Norms that were measured before, by the model and its calibration. */
const measured = new WeakMap<Bundle['weights'], Map<Tools['batches'], Promise<ActivationNorms>>>()

/**
 * Norms ‖X_j‖₂ of the inputs j of every product with a learned matrix, over all rows (patches, tokens) of the samples to
 * calibrate with. They are measured once for a model.
 * @throws ConfigError `compression/calibration` for samples that the model's graphs cannot read.
 */
export function activationNorms({ bundle }: Subject, tools: Tools): Promise<ActivationNorms> {
  const known = measured.get(bundle.weights) ?? new Map<Tools['batches'], Promise<ActivationNorms>>()
  measured.set(bundle.weights, known)
  const norms = known.get(tools.batches) ?? measure(bundle, tools)
  known.set(tools.batches, norms)
  return norms
}

async function measure(bundle: Bundle, tools: Tools): Promise<ActivationNorms> {
  const engine = new Engine(tools.threads === undefined ? {} : { threads: tools.threads })
  const graphs: { readonly program: Program; readonly names: readonly string[] }[] = []
  const read = new Set<string>()
  for (const { products, symbolicSizes } of productsOf(bundle, tools.families)) {
    // A matrix of several graphs, as of a tower alone and of the whole model, would be measured several times.
    const fresh = products.filter(({ parameter }) => !read.has(parameter))
    for (const { parameter } of fresh) read.add(parameter)
    if (fresh.length > 0) graphs.push(await compiled(engine, { products: fresh, symbolicSizes }))
  }
  const weights = weightsByName(bundle)
  const squares = new Map<string, Float64Array>()
  for await (const batch of tools.batches()) {
    for (const { program, names } of graphs) {
      const results = await program.run({ ...weights, ...feedsOf(program, batch, weights) })
      for (const [i, name] of names.entries())
        add(squares, name, await toHost(results[`squares${i}`]!, 'float32'))
    }
  }
  for (const { program } of graphs) await program.release()
  return new Map([...squares].map(([name, sums]) => [name, Float32Array.from(sums, Math.sqrt)]))
}

/** A program that gives, for each product, the sum of squares of each input. */
async function compiled(engine: Engine, { products, symbolicSizes }: GraphProducts) {
  const outputs = products.map(({ activations, isTurned }, i) => {
    const rows = Array.from({ length: activations.rank }, (_, axis) => axis).filter(
      (axis) => axis !== activations.rank - (isTurned ? 2 : 1),
    )
    return [`squares${i}`, activations.square().sum(rows)] as const
  })
  const program = await engine.compile(Object.fromEntries(outputs), { symbolicSizes })
  return { program, names: products.map(({ parameter }) => parameter) }
}

/** The weights as the leaves of the graphs are called. */
function weightsByName({ model, weights }: Bundle): Readonly<Record<string, HostArray>> {
  const named = [...namedParameters(model).keys()]
  return Object.fromEntries(named.map((name) => [name, weights.get(name)!]))
}

function add(sums: Map<string, Float64Array>, name: string, values: Float32Array): void {
  const known = sums.get(name) ?? new Float64Array(values.length)
  for (const [i, value] of values.entries()) known[i]! += value
  sums.set(name, known)
}
