import { buildModel, familyOf } from '../models/index.ts'
import { Module, namedParameters, type Parameter } from '../nn/index.ts'
import type { FamilyOptions } from './bundle.ts'
import type { CheckpointChoice } from './checkpoint-choice.ts'
import { readCompression } from './compression-file.ts'
import { readModelConfig, weightsFilesOf } from './read-bundle.ts'
import { readWeights, type Weights } from './weights.ts'

/** The parameter of the factor's logarithm, in every family of dual encoders. */
const name = 'logit_scale'

/** The part of a dual encoder that is this parameter. */
class LogitScale extends Module {
  readonly logitScale: Parameter

  constructor(parameter: Parameter) {
    super()
    this.logitScale = parameter
  }
}

/**
 * The factor of a dual encoder's similarities, from which probabilities of classes come: exp of the learned logarithm, at most
 * 100 for families that limit it. No other weight is read.
 *
 * @param directory A bundle, a run or a folder of Hugging Face's.
 * @returns Undefined for a model without such a factor, as a policy is.
 * @throws CheckpointError and ConfigError of `readBundle`.
 */
export function readLogitScale(
  directory: string,
  { checkpoint, families }: { readonly checkpoint?: CheckpointChoice | undefined } & FamilyOptions = {},
): number | undefined {
  const config = readModelConfig(directory, { families })
  const { parameterOf, limitWeights } = familyOf(config.model_type, families)
  const parameter = new Map(namedParameters(buildModel(config, { families }))).get(name)
  if (parameter === undefined) return undefined
  const kept = readCompression(directory)?.logitScale
  if (kept !== undefined) return kept
  const files = weightsFilesOf(directory, checkpoint)
  const { weights } = readWeights(files, new LogitScale(parameter), parameterOf)
  return logitScaleOf(limitWeights?.(weights) ?? weights)
}

/** The factor in weights as a bundle holds them; undefined for a model without one. */
export function logitScaleOf(weights: Weights): number | undefined {
  const logarithm = weights.get(name)?.data[0]
  return logarithm === undefined ? undefined : Math.exp(logarithm)
}
