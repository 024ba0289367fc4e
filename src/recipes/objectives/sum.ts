import { z } from 'zod'
import type { ModelDescription, RuntimeOptions } from '../../deploy/index.ts'
import type { Model } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { flatten, humanize, quantity } from '../../report/index.ts'
import {
  addLosses,
  cachedFeatureTask,
  type Metrics,
  readTogether,
  withAdded,
  withParametersOf,
} from '../../training/index.ts'
import type {
  Direction,
  LoadedModel,
  Objective,
  ObjectiveOptions,
  RecipeOf,
  ResultsByTest,
  TestSet,
} from './objective.ts'

/** An objective that may be a part of a sum. */
export type TermRow = Objective & Required<Pick<Objective, 'losses' | 'evaluator'>>

/** One of the objectives of a sum, with the factor of its loss. */
export type Term = ObjectiveOptions & { readonly weight: number }

/** Options of a sum. */
export interface SumOptions extends ObjectiveOptions {
  readonly objectives: readonly Term[]
}

/** Models of a run, one for each objective that tests it. */
export interface LoadedTerms extends LoadedModel {
  readonly description: ModelDescription
  readonly loaded: Readonly<Record<string, LoadedModel>>
}

/** The objective Σ weight·loss of several objectives in one run of one model, such as CoCa's contrast and captions. */
export const sum = (objectives: readonly (ObjectiveOptions & { readonly weight?: number })[]) =>
  ({ kind: 'sum', objectives }) as const

/**
 * The row of sums of these objectives. Metrics and results of each stand under its name, and validation monitors one of
 * them: `contrastive.imageToText.R@1`, `masked.withImage.loss`.
 */
export function sumOf(
  rows: Readonly<Record<string, TermRow>>,
): Objective<SumOptions, Model, LoadedTerms, Metrics> {
  const rowOf = ({ kind }: Term) => rows[kind]!
  /** The terms of a recipe, with the recipe of each; what others read parts of is built first. */
  const termsOf = (recipe: RecipeOf<SumOptions>) =>
    recipe.objective.objectives
      .map((term) => ({ term, row: rowOf(term), own: { ...recipe, objective: optionsOf(term) } }))
      .sort((a, b) => Number(b.row.buildsFirst ?? false) - Number(a.row.buildsFirst ?? false))
  return {
    schema: schemaOf(rows),
    refusal: () => undefined,
    *problems(recipe) {
      for (const [place, term] of recipe.objective.objectives.entries()) {
        const path = ['objective', 'objectives', place] as const
        const refusal = rowOf(term).refusal(recipe.model)
        if (refusal !== undefined) yield [refusal, ...path]
        const first = recipe.objective.objectives.findIndex(({ kind }) => kind === term.kind)
        if (first < place) yield [`there is a '${term.kind}' already; give that one another weight`, ...path]
      }
      for (const { row, own } of termsOf(recipe)) yield* row.problems?.(own) ?? []
    },
    metrics: (recipe) =>
      Object.fromEntries(
        termsOf(recipe).flatMap(({ term, row, own }) =>
          Object.entries(row.metrics(own)).map(([path, direction]): [string, Direction] => [
            `${term.kind}.${path}`,
            direction,
          ]),
        ),
      ),
    monitor(recipe) {
      const [first] = recipe.objective.objectives as readonly [Term]
      return `${first.kind}.${rowOf(first).monitor({ ...recipe, objective: optionsOf(first) })}`
    },
    async requireTeachingSamples(recipe, source) {
      for (const { row, own } of termsOf(recipe)) await row.requireTeachingSamples?.(own, source)
    },
    async outputs(model, recipe, frozen) {
      const all = termsOf(recipe).map(async ({ row, own }) => row.outputs?.(model, own, frozen) ?? [])
      return (await Promise.all(all)).flat()
    },
    captions: () => 'first',
    ...(rows.contrastive?.distillation && { distillation: rows.contrastive.distillation }),
    task(model, recipe, { added }) {
      const terms = termsOf(recipe)
      const remarks = terms.flatMap(({ row }) => row.remark?.(model) ?? [])
      return cachedFeatureTask({
        name: 'sum',
        parameters: withParametersOf(added, namedParameters(model)),
        precision: recipe.machine.precision,
        seed: recipe.seed,
        ...withAdded(
          'sum',
          addLosses(
            terms.map(({ term, row, own }) => ({
              name: term.kind,
              weight: term.weight,
              objective: row.losses(model, own),
            })),
          ),
          added,
        ),
        remark: (batch) => remarks.map((remark) => remark(batch)).find((text) => text !== undefined),
        async evaluator(engine, values) {
          const evaluators = await Promise.all(terms.map(({ row }) => row.evaluator(model)(engine, values)))
          return async (batches) => {
            const metrics = await readTogether(batches, evaluators)
            return Object.fromEntries(metrics.map((found, i) => [terms[i]!.term.kind, found]))
          }
        },
      })
    },
    load: (directory, options) => loadAll(directory, rows, options),
    async test({ loaded }, set, { objectives }) {
      const tested = []
      for (const term of objectives) {
        const own: TestSet = { ...set, open: (title = set.name) => set.open(`${title}, ${term.kind}`) }
        tested.push(await rowOf(term).test(loaded[term.kind]!, own, optionsOf(term)))
      }
      const allRight = tested.find((each) => each.allRight)?.allRight
      return {
        metrics: Object.fromEntries(tested.map(({ metrics }, i) => [objectives[i]!.kind, metrics])),
        grids: tested.flatMap(({ grids }) => grids),
        ...(allRight !== undefined && { allRight }),
        samples: Object.fromEntries(
          tested.flatMap(({ samples = {} }, i) =>
            Object.entries(samples).map(
              ([path, parts]) => [`${objectives[i]!.kind}.${path}`, parts] as const,
            ),
          ),
        ),
      }
    },
    table: (results) => ({
      columns: [
        { title: 'Test set' },
        { title: 'Objective' },
        { title: 'Metric' },
        { title: 'Value', align: 'right' },
      ],
      rows: flatten(results).map(([path, value]) => metricRow(path.split('.'), value as number)),
    }),
    report(results) {
      const parts = Object.entries(rows).flatMap(([kind, row]) => {
        const own = resultsOf(results, kind)
        return Object.keys(own).length > 0 ? [row.report(own)] : []
      })
      return {
        figures: parts.flatMap(({ figures }) => figures),
        sections: parts.flatMap(({ sections }) => sections),
      }
    },
    next: async (directory, source) => rows.contrastive!.next(directory, source),
  }
}

/** The options of a term as its own row knows them. */
const optionsOf = ({ weight: _, ...options }: Term): ObjectiveOptions => options

function schemaOf(rows: Readonly<Record<string, TermRow>>): z.ZodType<SumOptions> {
  const weight = z.number().positive().default(1)
  const schemas = Object.values(rows).map(({ schema }) =>
    (schema as unknown as z.ZodObject<{ kind: z.ZodLiteral<string> }>).extend({ weight }),
  )
  const [first, ...others] = schemas as unknown as [z.ZodObject, ...z.ZodObject[]]
  return z.strictObject({
    kind: z.literal('sum'),
    /** The objectives, each once; the first has the metric that decides which checkpoint is best. */
    objectives: z.array(z.discriminatedUnion('kind', [first, ...others])).nonempty(),
  }) as unknown as z.ZodType<SumOptions>
}

/** The model as every objective loads it that can. */
async function loadAll(
  directory: string,
  rows: Readonly<Record<string, TermRow>>,
  options?: RuntimeOptions,
): Promise<LoadedTerms> {
  const loaded: Record<string, LoadedModel> = {}
  const contrast = await rows.contrastive!.load(directory, options)
  const { config } = contrast.description.model
  for (const [kind, row] of Object.entries(rows))
    if (row.refusal(config) === undefined)
      loaded[kind] = kind === 'contrastive' ? contrast : await row.load(directory, options)
  return { description: contrast.description, loaded }
}

const resultsOf = (results: ResultsByTest, kind: string): ResultsByTest =>
  Object.fromEntries(
    Object.entries(results).flatMap(([set, metrics]) => {
      const own = metrics[kind]
      return typeof own === 'object' ? [[set, own]] : []
    }),
  )

function metricRow([set, kind, ...path]: string[], value: number): string[] {
  const { label, text } = quantity(path.at(-1)!, value)
  return [humanize(set!), humanize(kind!), [...path.slice(0, -1).map(humanize), label].join(' · '), text]
}
