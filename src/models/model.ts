import type { DualEncoder } from './dual-encoder.ts'
import { PolicyModel } from './policy/policy-model.ts'

/** Whatever can be trained by a recipe and shipped in a bundle. */
export type Model = DualEncoder | PolicyModel

export const isPolicy = (model: Model): model is PolicyModel => model instanceof PolicyModel
