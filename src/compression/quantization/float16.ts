import { z } from 'zod'
import { CheckpointError, fromFloat16, hostArray, toFloat16 } from '../../core/index.ts'
import { type Rule, rewriteWith } from '../../graph/index.ts'
import type { CompressionMethod, GraphPass } from '../method.ts'
import { requireFiniteWeights } from './require-finite-weights.ts'
import { nameOf, StoredLeaves } from './stored-leaves.ts'

const schema = z.strictObject({ kind: z.literal('float16') })

/** Weights in half precision as a step of a compression: see {@link float16}. */
export const float16Step = () => ({ kind: 'float16' }) as const

export interface Float16Options {
  readonly kind: 'float16'
}

/**
 * Weights in half precision: files of half the size, which are widened when they are loaded and computed with in float32, as
 * processors without kernels for float16 would do for each product.
 * @throws DataError `compression/not-finite`; CheckpointError `bundle/dtype` for a weight beyond 65504.
 */
export const float16: CompressionMethod<Float16Options> = {
  schema,
  async apply(_, subject, tools) {
    requireFiniteWeights(subject)
    tools.note(
      'float16: weights are stored in half precision, and widened to float32 when the model is loaded',
    )
    return { ...subject, passes: [...subject.passes, float16Pass] }
  },
}

const float16Pass: GraphPass = (graph) => {
  const leaves = new StoredLeaves(graph.weights)
  const rule: Rule = ({ op, outputs: [leaf] }) => {
    const value = op === 'input' && !leaves.isAdded(leaf) ? leaves.floats(leaf) : undefined
    if (!value || value.data.length < 2) return undefined
    const halves = () => hostArray('float16', value.shape, halvesOf(value.data, nameOf(leaf)))
    return leaves.variant(leaf, '_float16', halves).cast('float32')
  }
  return { outputs: rewriteWith([rule], graph.outputs), weights: leaves.weights }
}

function halvesOf(values: Float32Array, name: string): Uint16Array {
  const halves = toFloat16(values)
  const beyond = fromFloat16(halves).findIndex((value) => !Number.isFinite(value))
  if (beyond === -1) return halves
  throw new CheckpointError(
    'bundle/dtype',
    `"${name}" has the number ${values[beyond]}, which is beyond float16. Leave out the step float16`,
    { tensor: name, value: values[beyond], dtype: 'float16' },
  )
}
