import type { CompressionMethod, CompressionMethods } from './method.ts'
import { prune } from './pruning/prune.ts'
import { sparsity } from './pruning/sparsity.ts'
import { quantizationMethods } from './quantization/index.ts'
import { structured } from './structured/index.ts'

/** The built-in methods by their kind. */
export const methods: CompressionMethods = {
  prune: prune as CompressionMethod,
  sparsity: sparsity as CompressionMethod,
  structured: structured as CompressionMethod,
  ...(quantizationMethods as unknown as CompressionMethods),
}
