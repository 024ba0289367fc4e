import type { z } from 'zod'
import { didYouMean, shellWord } from '../../core/index.ts'
import { PolicyRuntime, readModelConfig } from '../../deploy/index.ts'
import {
  evaluatePolicy,
  HeadAnswers,
  PolicyExamples,
  policyPictures,
  taskNeeds,
} from '../../evaluation/index.ts'
import {
  type HeadConfig,
  hasHeads,
  headKindOf,
  labelsOf,
  type ModelConfig,
  type Policy,
} from '../../models/index.ts'
import { humanize, policyReport, policyTable } from '../../report/index.ts'
import { boxesOf, type Metrics, policyTask } from '../../training/index.ts'
import { distillationOfPolicies } from '../distillation/of-policies.ts'
import type { Recipe } from '../recipe/schema.ts'
import { type ImitationOptions, imitationOptions } from './imitation-options.ts'
import type { Direction, Objective, Problem, RecipeOf, SampleParts, StageHeads } from './objective.ts'
import { requireLabels } from './require-labels.ts'

/** The objective of a policy: the right answers of labelled samples, by heads; see `policyTask`. */
export const imitation = (options: Omit<z.input<typeof imitationOptions>, 'kind'> = {}) =>
  ({ kind: 'imitation', ...options }) as const

/**
 * A policy that learns the right answers of labelled samples; its control in tests uses the commands of other samples.
 */
export const imitationObjective: Objective<ImitationOptions, Policy, PolicyRuntime, Metrics> = {
  schema: imitationOptions,
  refusal: (model) =>
    hasHeads(model)
      ? undefined
      : `a ${model.model_type} model has no heads to learn with; make it a policy({ … }), and this model its base`,
  *problems(recipe) {
    yield* unknownHeads(recipe)
    const { batches, model, objective } = recipe
    const boxes = objective.grounding ? boxesOf(objective.grounding).length : 0
    if ('glances' in model && boxes > Number(model.glances))
      yield [`${boxes} boxes for ${model.glances} glances`, 'objective', 'grounding', 'label']
    if (batches.adapt === 'size' && objective.weighting.kind === 'scheduled')
      yield [
        'weights by a schedule go by steps of one size: adapt microSize, or weigh otherwise',
        'batches',
        'adapt',
      ]
  },
  metrics: ({ model, objective }) => {
    const heads = Object.entries(headsOf(model)).filter(([name]) => objective.heads?.includes(name) ?? true)
    return Object.fromEntries([['success', 'max'], ...heads.flatMap(directionsOf)])
  },
  monitor: () => 'success',
  rates: ({ objective: { weighting } }) => fineTuningRates({ learned: weighting.kind === 'uncertainty' }),
  stage,
  requireTrainingData: ({ model, objective }, source) => {
    const heads = headsOf(model)
    const boxes = objective.grounding ? boxesOf(objective.grounding) : []
    requireLabels(heads, objective.heads ?? Object.keys(heads), boxes, source)
  },
  requireValidationData({ model, validation }, source) {
    const heads = headsOf(model)
    const watched = Object.keys(heads).find((name) => validation.monitor?.startsWith(`${name}.`))
    if (watched !== undefined) requireLabels(heads, [watched], [], source)
  },
  captions: () => 'first',
  distillation: distillationOfPolicies,
  task: (model, { objective, seed, machine: { precision } }, { totalSteps, added }) => {
    const { heads, weighting, grounding, box, tolerances } = objective
    return policyTask(model, {
      weighting,
      grounding: grounding ?? undefined,
      box,
      tolerances,
      ...(heads && { heads }),
      seed,
      precision,
      totalSteps,
      added,
    })
  },
  load: (directory, options) => PolicyRuntime.load(directory, options),
  async test({ description, runner }, { name, source, open }, { heads, tolerances }) {
    const all = description.model.config.heads
    const tested = heads ? Object.fromEntries(heads.map((head) => [head, all[head]!])) : all
    const titles = [name, `${name}, other commands`]
    const examples = new PolicyExamples(tested, tolerances)
    const answers = new HeadAnswers(tested, tolerances)
    const metrics = await evaluatePolicy(
      runner,
      tested,
      tolerances,
      () => open(titles.shift()),
      (batch, values) => {
        examples.add(batch, values)
        answers.add(batch, values)
      },
    )
    const { size, fit, background } = description.image
    const square = { resolution: size, fit, background }
    const strips = await policyPictures(examples, Object.keys(tested), source, square)
    return {
      metrics,
      grids: [{ title: `${humanize(name)}: commands`, note: picturesNote, strips }],
      samples: Object.fromEntries(Object.keys(tested).flatMap((head) => successParts(head, answers))),
    }
  },
  table: policyTable,
  report: policyReport,
  next: async (directory, source) => {
    if (isTabletop(source?.spec)) return `rollout ${shellWord(directory)}`
    return source ? `export ${shellWord(directory)}` : nextOfBundle(directory)
  },
}

/** Parts of a head's success; none where no sample has its labels. */
function successParts(head: string, answers: HeadAnswers): (readonly [string, SampleParts])[] {
  const success = answers.samples(head)?.success
  if (!success) return []
  const { ids, values } = success
  return [[`${head}.success`, { ids, sums: values, weights: values.map(() => 1) }]]
}

/** True for data of the simulated robot, alone or as a part of other data. */
const isTabletop = (spec: unknown): boolean =>
  typeof spec === 'object' &&
  spec !== null &&
  (('kind' in spec && spec.kind === 'tabletop') || Object.values(spec).some(isTabletop))

/** A rollout for a policy that predicts what one needs. */
function nextOfBundle(directory: string): string {
  const labels = Object.values(headsOf(readModelConfig(directory))).flatMap(labelsOf)
  const acts = Object.values(taskNeeds).some(({ label }) => labels.includes(label))
  return acts ? `rollout ${shellWord(directory)}` : `evaluate ${shellWord(directory)} --data SOURCE`
}

const picturesNote =
  'The image as the model sees it, with what it found and what is true; beside it, light where it looked: the attention ' +
  'of its first glance over the patches, around whose mean place it draws its box. It shows where the model reads, not ' +
  'all that its answers depend on.'

const headsOf = (model: ModelConfig): Readonly<Record<string, HeadConfig>> =>
  hasHeads(model) ? model.heads : {}

const directionsOf = ([name, head]: readonly [string, HeadConfig]): [metric: string, Direction][] =>
  Object.entries(headKindOf(head).directions(head)).map(([metric, direction]) => [
    `${name}.${metric}`,
    direction,
  ])

/** Heads that a recipe names, but that the model lacks or `objective.heads` leaves out. */
function* unknownHeads({ model, objective, stages = [] }: RecipeOf<ImitationOptions>): Generator<Problem> {
  const heads = Object.keys(headsOf(model))
  const { weighting, heads: trained = heads } = objective
  const named: (readonly [head: string, ...path: (string | number)[]])[] = [
    ...trained.map((head, i) => [head, 'objective', 'heads', i] as const),
    ...('weights' in weighting ? Object.keys(weighting.weights) : []).map(
      (head) => [head, 'objective', 'weighting', 'weights', head] as const,
    ),
    ...stages.flatMap((stage, number) =>
      stage.heads.map((head, i) => [head, 'stages', number, 'heads', i] as const),
    ),
  ]
  for (const [head, ...path] of named) {
    if (trained.includes(head) && heads.includes(head)) continue
    yield heads.includes(head)
      ? [`objective.heads leaves the head '${head}' out`, ...path]
      : [`the model has no head '${head}'${didYouMean(head, heads)}`, ...path]
  }
}

/**
 * Learning rates of a policy on a base, as factors of the optimizer's rate, which is the rate of the heads: the towers
 * learn at 1/100 of it, the layers between them and the heads at 1/10, the learned weights of tasks at 10. With the
 * rate 1e-4 these are 1e-6, 1e-5, 1e-4 and 1e-3.
 * @param options `learned`: true where the weights of tasks are learned. Default false.
 */
export const fineTuningRates = ({
  learned = false,
}: {
  readonly learned?: boolean
} = {}): Recipe['parameters'] => [
  { pattern: '*_model.*', learningRate: 0.01 },
  { pattern: 'fusion.*', learningRate: 0.1 },
  { pattern: 'read_out.*', learningRate: 0.1 },
  { pattern: 'shared.*', learningRate: 0.1 },
  ...(learned ? [{ pattern: 'log_variances.*', learningRate: 10 }] : []),
]

/** Train the heads of a stage and freeze the others, also against weight decay. */
function stage({ model, objective, parameters }: RecipeOf<ImitationOptions>, { own, trained }: StageHeads) {
  const others = Object.keys(headsOf(model)).filter((head) => !trained.includes(head))
  const isOfOthers = ({ pattern }: { readonly pattern: string }) =>
    others.some((head) => pattern === `log_variances.${head}`)
  return {
    objective: forHeads(objective, trained),
    parameters: [
      ...parameters.filter((rule) => !isOfOthers(rule)),
      ...others.map((head) => ({ pattern: `heads.${pathOf(head)}.*`, freeze: true })),
    ],
    monitor: own.length === 1 ? `${own[0]}.success` : 'success',
  }
}

/** The objective for some heads, without the weights of the others, which are not trained. */
function forHeads(objective: ImitationOptions, names: readonly string[]): ImitationOptions {
  const heads = names as [string, ...string[]]
  const { weighting } = objective
  if (!('weights' in weighting)) return { ...objective, heads }
  const own = Object.entries<unknown>(weighting.weights).filter(([head]) => heads.includes(head))
  return {
    ...objective,
    heads,
    weighting: { ...weighting, weights: Object.fromEntries(own) } as typeof weighting,
  }
}

/** The name of a head in the paths of its parameters. */
const pathOf = (head: string): string => head.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
