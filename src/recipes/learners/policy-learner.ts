import type { Source } from '../../data/index.ts'
import { evaluatePolicy } from '../../evaluation/index.ts'
import { type PolicyModel, PolicyPrograms } from '../../models/index.ts'
import { policyTask, type Task, type Tolerances } from '../../training/index.ts'
import { evaluationBatches } from '../batches.ts'
import type { Experiment } from '../experiment.ts'
import type { ImitationObjective } from '../objective.ts'
import type { Learner, TestOptions, TestResult } from './learner.ts'

/** A policy that learns right answers and is tested by how many of its own are within tolerance. */
export class PolicyLearner implements Learner<PolicyModel> {
  readonly model: PolicyModel
  readonly task: Task
  readonly results = 'policy'
  readonly #tested: { readonly heads: Policy['config']['heads']; readonly tolerances: Tolerances }
  #programs: Promise<PolicyPrograms> | undefined

  constructor(
    model: Policy,
    { heads, weighting, grounding, box, tolerances }: ImitationObjective,
    { seed, precision, totalSteps }: Pick<Experiment, 'seed' | 'precision'> & { readonly totalSteps: number },
  ) {
    this.model = model
    const tested = heads ?? Object.keys(model.config.heads)
    this.#tested = {
      heads: Object.fromEntries(tested.map((name) => [name, model.config.heads[name]!])),
      tolerances,
    }
    this.task = policyTask(model, {
      weighting,
      grounding: grounding ?? undefined,
      box,
      tolerances,
      ...(heads && { heads }),
      seed,
      precision,
      totalSteps,
    })
  }

  async test(
    _: string,
    source: Source,
    { config, text, state, badSamples }: TestOptions,
  ): Promise<TestResult> {
    this.#programs ??= PolicyPrograms.create(state.engine, this.model, state.average ?? state.values)
    const open = () => badSamples.watch(evaluationBatches(config, source, text))
    const { heads, tolerances } = this.#tested
    return { metrics: await evaluatePolicy(await this.#programs, heads, tolerances, open), grids: [] }
  }
}
