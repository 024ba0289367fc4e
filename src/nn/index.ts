export { type ActivationName, activationNames, activations } from './activation.ts'
export { CrossAttentionLayer, perContext } from './cross-attention.ts'
export { type Drop, dropWithin, keepAll, withDropout } from './dropout.ts'
export { Embedding } from './embedding.ts'
export { filled, type Initializer, normalInit, onesInit, uniformInit, zerosInit } from './initializers.ts'
export { Layer, namedLayers } from './layer.ts'
export { LayerNorm } from './layer-norm.ts'
export { Linear, type LowRank } from './linear.ts'
export { Module, namedParameters, namedParts } from './module.ts'
export { multiHeadAttention, type Seeing } from './multi-head-attention.ts'
export { Parameter } from './parameter.ts'
export { PatchEmbedding } from './patch-embedding.ts'
export {
  Mlp,
  type Reading,
  SelfAttention,
  Transformer,
  TransformerLayer,
  type TransformerOptions,
} from './transformer.ts'
