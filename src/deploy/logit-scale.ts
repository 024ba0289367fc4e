import { CheckpointError } from '../core/index.ts'
import { buildModel, familyOf } from '../models/index.ts'
import { Module, namedParameters, type Parameter } from '../nn/index.ts'
import type { FamilyOptions } from './bundle.ts'
import type { CheckpointChoice } from './checkpoint-choice.ts'
import { compressionFile, readCompression } from './compression-file.ts'
import { readModelConfig, weightsFilesOf } from './read-bundle.ts'
import { readWeights, type Weights } from './weights.ts'

/** The parameters of the factor's logarithm, in every family of dual encoders, and of the offset, in those of the sigmoid loss. */
const names = { scale: 'logit_scale', bias: 'logit_bias' } as const

/** The part of a dual encoder that is these parameters. */
class Logits extends Module {
  readonly logitScale: Parameter
  readonly logitBias?: Parameter

  constructor(scale: Parameter, bias: Parameter | undefined) {
    super()
    this.logitScale = scale
    if (bias) this.logitBias = bias
  }
}

/** Terms by which similarities become logits: scale · similarity + bias. */
export interface LogitTerms {
  readonly scale: number
  /**
   * Offset, of a model of the sigmoid loss (SigLIP): each class has a probability of its own, σ(logit). Undefined for others, whose
   * probabilities are the softmax over the classes.
   */
  readonly bias: number | undefined
}

interface ReadOptions extends FamilyOptions {
  readonly checkpoint?: CheckpointChoice | undefined
}

/**
 * The factor of a dual encoder's similarities, from which probabilities of classes come: exp of the learned logarithm, at most
 * 100 for families that limit it. No other weight is read.
 *
 * @param directory A bundle, a run or a folder of Hugging Face's.
 * @returns Undefined for a model without such a factor, as a policy is.
 * @throws CheckpointError and ConfigError of `readBundle`.
 */
export const readLogitScale = (directory: string, options: ReadOptions = {}): number | undefined =>
  readTerms(directory, options)?.scale

/**
 * The factor and, for SigLIP, the offset of a dual encoder's similarities. No other weight is read.
 * @returns Undefined for a model without such a factor, as a policy is.
 * @throws CheckpointError and ConfigError of `readBundle`; CheckpointError `bundle/missing` for a compressed bundle that was written
 * without its offset.
 */
export function readLogitTerms(directory: string, options: ReadOptions = {}): LogitTerms | undefined {
  const terms = readTerms(directory, options)
  if (terms?.isCut !== true) return terms && { scale: terms.scale, bias: terms.bias }
  throw new CheckpointError(
    'bundle/missing',
    `${directory}: ${compressionFile} has no logitBias, the offset of the model's similarities. Compress the model again`,
    { directory },
  )
}

/** The terms; `isCut` where a compressed bundle lacks the offset that its model has. */
function readTerms(
  directory: string,
  { checkpoint, families }: ReadOptions,
): (LogitTerms & { readonly isCut: boolean }) | undefined {
  const config = readModelConfig(directory, { families })
  const { parameterOf, limitWeights } = familyOf(config.model_type, families)
  const parameters = namedParameters(buildModel(config, { families }))
  const [scale, bias] = [parameters.get(names.scale), parameters.get(names.bias)]
  if (scale === undefined) return undefined
  const { logitScale, logitBias } = readCompression(directory) ?? {}
  if (logitScale !== undefined)
    return {
      scale: logitScale,
      bias: logitBias,
      isCut: bias !== undefined && logitBias === undefined,
    }
  const files = weightsFilesOf(directory, checkpoint)
  const { weights } = readWeights(files, new Logits(scale, bias), parameterOf)
  const read = logitTermsOf(limitWeights?.(weights) ?? weights)
  return read && { ...read, isCut: false }
}

/** The terms in weights as a bundle holds them; undefined for a model without a factor. */
export function logitTermsOf(weights: Weights): LogitTerms | undefined {
  const logarithm = weights.get(names.scale)?.data[0]
  if (logarithm === undefined) return undefined
  return { scale: Math.exp(logarithm), bias: weights.get(names.bias)?.data[0] }
}
