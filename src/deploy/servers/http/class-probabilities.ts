import type { LogitTerms } from '../../logit-scale.ts'

/**
 * Probabilities of the classes of an image from its similarities to them: softmax(scale · similarity) over the classes; of a model of
 * the sigmoid loss σ(scale · similarity + bias), of each class by itself, so that all or none may fit.
 *
 * Source: Radford et al. 2021, section 3.1; Zhai et al., "Sigmoid Loss for Language Image Pre-Training" (2023).
 */
export function classProbabilities(similarities: readonly number[], { scale, bias }: LogitTerms): number[] {
  if (bias !== undefined) return similarities.map((similarity) => sigmoid(scale * similarity + bias))
  const largest = Math.max(...similarities)
  const powers = similarities.map((similarity) => Math.exp(scale * (similarity - largest)))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit))
