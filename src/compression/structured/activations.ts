import { type Batch, ConfigError, type HostArray } from '../../core/index.ts'
import { type Bundle } from '../../deploy/index.ts'
import { Engine, toHost } from '../../engine/index.ts'
import { producer, shrink, type Tensor, topologicalOrder, writeOnnx, rewrite } from '../../graph/index.ts'
import { type ExportedGraph, type Families, familyOf } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'

/** Options of a measurement. */
export interface MeasureOptions {
  readonly families?: Families | undefined
  readonly threads?: number | undefined
}
