import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Loader } from '../data/index.ts'
import { PolicyRuntime, readModelConfig } from '../deploy/index.ts'
import { evaluatePolicy } from '../evaluation/index.ts'
import { hasHeads, type Tolerances } from '../models/index.ts'
import { cutCaptions, readRecipe, usualTolerances } from '../recipes/index.ts'
import { policyTable } from '../report/index.ts'
import type { Metrics } from '../training/index.ts'
import {
  counted,
  type EvaluationOptions,
  type EvaluationResult,
  type NamedSources,
} from './evaluate-retrieval.ts'
import { evaluationLoader } from './evaluation-loader.ts'
import type { Output } from './output.ts'

/** Whether a folder describes a policy. @throws CheckpointError for a folder that describes no model. */
export const isPolicyFolder = (folder: string): boolean => hasHeads(readModelConfig(folder))

/** Right answers of a policy, each beside those with the commands of other samples. */
export async function evaluatePolicies(
  model: string,
  sources: NamedSources,
  options: EvaluationOptions,
  output: Output,
): Promise<EvaluationResult> {
  const { description, runner } = await PolicyRuntime.load(model, options)
  const { heads, text_config } = description.model.config
  const text = { tokenizer: description.tokenizer, length: text_config.max_position_embeddings }
  const policy: Record<string, Metrics> = {}
  for (const [name, source] of sources) {
    const titles = [name, `${name}, other commands`]
    const opened: Loader[] = []
    const open = () => {
      const batches = evaluationLoader(description, source, { onBadSample: options.onBadSample, text })
      opened.push(batches)
      return counted(batches, titles.shift()!, source, output)
    }
    policy[name] = await evaluatePolicy(runner, heads, tolerancesOf(model), open)
    for (const sentence of cutCaptions(opened[0]!.captions, text.length)) output.note(`${name}: ${sentence}`)
  }
  return { results: { policy }, table: policyTable(policy) }
}

/** What counted as success when a run was trained; a bundle is judged by the usual. */
function tolerancesOf(folder: string): Tolerances {
  const objective = existsSync(join(folder, 'recipe.json')) ? readRecipe(folder).objective : undefined
  return objective?.name === 'imitation' ? objective.tolerances : usualTolerances
}
