import type { Tensor } from '../graph/index.ts'

/** Activation functions under the names of Hugging Face's `hidden_act`. */
export const activations = {
  gelu: (x: Tensor) => x.gelu(),
  gelu_pytorch_tanh: (x: Tensor) => x.gelu('tanh'),
  quick_gelu: (x: Tensor) => x.gelu('quick'),
  relu: (x: Tensor) => x.relu(),
} as const

export type ActivationName = keyof typeof activations
export const activationNames = Object.keys(activations) as [ActivationName, ...ActivationName[]]
