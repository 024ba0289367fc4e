export { gradients, gradientsOf } from './autodiff.ts'
export { AxisClasses } from './axes/axis-classes.ts'
export { summedAxes } from './axes/axis-rules.ts'
export type { Place } from './axes/relation.ts'
export { weightsInAnyLayout } from './axes/weight-layout.ts'
export { checkpoint } from './checkpoint.ts'
export { causalMask, maskedScore, paddingMask, positions } from './functions/attention-mask.ts'
export { dropout } from './functions/dropout.ts'
export { l2Normalize } from './functions/l2-normalize.ts'
export { PackedRows, packingOf } from './functions/packed-rows.ts'
export { embedPatches, patches, projectPatches } from './functions/patches.ts'
export { type Kept, type Restored, restore, restoredFrom } from './functions/restore.ts'
export { scatterAdd } from './functions/scatter-add.ts'
export { isSymbolic, type SymbolicSize, symbolicPrimes } from './onnx/symbolic-sizes.ts'
export { type OnnxGraph, type WriteOptions, writeOnnx } from './onnx/write-onnx.ts'
export { type OpAttributes, type OpName, ops } from './op-table.ts'
export { misfit } from './ops/misfit.ts'
export { type ResidualBlock, residualBlock } from './residual-block.ts'
export {
  rewrite,
  rewriteForCpu,
  rewriteForWebGpu,
  rewriteInHalfPrecision,
  rewriteWith,
} from './rewrite.ts'
export { is, producer, type Rule } from './rewrites/rule.ts'
export { sameGraph } from './same-graph.ts'
export { shrink } from './shrink.ts'
export { substitute } from './substitute.ts'
export { concat, constant, input, type Node, type ReductionOptions, scalar, Tensor } from './tensor.ts'
export { topologicalOrder } from './traverse.ts'
export { showRows, unpackRows } from './unpack-rows.ts'
