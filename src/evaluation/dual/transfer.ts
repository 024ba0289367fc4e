import { z } from 'zod'
import { type SourceSpec, sourceSpec } from '../../data/index.ts'
import { probeScores } from '../../metrics/index.ts'
import { type Figure, htmlTable, percent, type Section } from '../../report/index.ts'
import type { Evaluator, Findings } from '../suite/evaluator.ts'
import { type Measured, meanMeasured, type SampleValues } from '../suite/measured.ts'
import type { Subject } from '../suite/subject.ts'
import { hitsOf } from './classification-findings.ts'
import { similarityScores } from './feature-rows.ts'
import { type FittedProbe, fittedProbe } from './fitted-probe.ts'
import { type LabelledData, labelledData, sharedClasses, withClasses } from './labelled-data.ts'
import { classVectors, type PromptTemplates, templatesOf, templatesOption } from './prompt-templates.ts'
import { requiresDualEncoder } from './requires-dual-encoder.ts'

export interface TransferOptions {
  readonly kind: 'transfer'
  /** Data sets that probes learn from, by names without dots. */
  readonly sources: Readonly<Record<string, SourceSpec>>
  /** Data sets that are judged, by name. Default: the suite's. */
  readonly targets?: Readonly<Record<string, SourceSpec>>
  /** Name of a label of kind `class` in all of them. Default: the only one; without any, the concepts. */
  readonly label?: string
  /** Prompts of the zero-shot classification, as `zeroShot` takes them. Default `photo`. */
  readonly templates: PromptTemplates | readonly string[]
}

const named = (name: z.ZodString) =>
  z.record(name, sourceSpec).refine((specs) => Object.keys(specs).length > 0, {
    message: 'name at least one data set',
  })

/** Name of a source; with dots `probe.SOURCE.TARGET` could be read in two ways. */
const sourceName = z.string().regex(/^[^.]+$/, 'a name of a source has no dots')

const schema: z.ZodType<TransferOptions> = z.strictObject({
  kind: z.literal('transfer'),
  sources: named(sourceName),
  targets: named(z.string().min(1)).exactOptional(),
  label: z.string().exactOptional(),
  templates: templatesOption,
})

/** Options of {@link transferEvaluator} for a suite. */
export const transfer = (
  options: Omit<TransferOptions, 'kind' | 'templates'> & Partial<Pick<TransferOptions, 'templates'>>,
) => ({ kind: 'transfer', ...options }) as const

/** A source and a target: accuracies over the classes that both have. */
interface Cell {
  readonly source: string
  readonly target: string
  readonly classes: readonly string[]
  readonly zeroShot: Measured
  /** Absent where source and target are the same data. */
  readonly probe?: Measured
  readonly converged?: boolean
  readonly inverseStrength?: number
  readonly samples: Readonly<Record<string, SampleValues>>
}

/**
 * Transfer between data sets: for each source and target, the accuracy on the target of a linear probe that learned from the
 * source, beside zero-shot classification, both over the classes that the two share by name. A probe's strength is chosen on a part
 * of its source, so that it never sees the target.
 *
 * @throws DataError `evaluation/no-shared-class` for two that share fewer than two classes.
 */
export const transferEvaluator = {
  schema,
  refusal: requiresDualEncoder,
  async evaluate(subject: Subject, options: TransferOptions): Promise<Findings> {
    const { sources, label } = options
    const choice = label === undefined ? {} : { label }
    const targets = options.targets ?? { [subject.name]: subject.spec }
    const cells: Cell[] = []
    for (const [target, spec] of Object.entries(targets)) {
      const isOwn = options.targets === undefined
      const judged = await labelledData(subject, choice, isOwn ? undefined : { name: target, spec })
      for (const [source, learnedSpec] of Object.entries(sources)) {
        const learned = await labelledData(subject, choice, { name: source, spec: learnedSpec })
        const isSame = JSON.stringify(learnedSpec) === JSON.stringify(spec)
        if (isSame)
          subject.note(`${source} and ${target} are the same data: no probe is judged on what it learned.`)
        cells.push({ source, target, ...(await cellOf(subject, options, learned, judged, isSame)) })
      }
    }
    return findingsOf(cells)
  },
} satisfies Evaluator<TransferOptions>

async function cellOf(
  subject: Subject,
  { templates }: TransferOptions,
  learned: LabelledData,
  judged: LabelledData,
  isSame: boolean,
): Promise<Omit<Cell, 'source' | 'target'>> {
  const classes = sharedClasses(learned, judged)
  const test = withClasses(judged, classes, { finite: false })
  const left = judged.labels.length - test.labels.length
  if (left > 0)
    subject.note(
      `${left} samples of ${judged.data.name} are left out: ${learned.data.name} has none of their classes.`,
    )
  const { width } = judged.data.features
  const prompts = await classVectors(classes, templatesOf(templates), (texts) => subject.texts(texts))
  const zeroShot = accuracyOf(similarityScores(test.images, prompts, width), test, subject.seed)
  if (isSame) return { classes, zeroShot: zeroShot.measured, samples: { zeroShot: zeroShot.values } }
  const { probe, inverseStrength } = probeFor(subject, learned, judged, classes)
  const probed = accuracyOf(probeScores(probe, test.images), test, subject.seed)
  return {
    ...{
      classes,
      zeroShot: zeroShot.measured,
      probe: probed.measured,
      converged: probe.converged,
      inverseStrength,
    },
    samples: { zeroShot: zeroShot.values, probe: probed.values },
  }
}

/** A probe of one data set for the classes that it shares with another. */
function probeFor(
  subject: Subject,
  learned: LabelledData,
  { data }: LabelledData,
  classes: readonly string[],
): FittedProbe {
  const taught = withClasses(learned, classes, { finite: true })
  const unused = learned.labels.length - taught.labels.length
  if (unused > 0)
    subject.note(
      `${unused} samples of ${learned.data.name} teach nothing about ${data.name} and are left out.`,
    )
  const fitted = fittedProbe(taught, undefined, subject.seed)
  if (!fitted.probe.converged)
    subject.note(
      `The probe of ${learned.data.name} for ${data.name} did not converge in ${fitted.probe.iterations} iterations.`,
    )
  return fitted
}

function accuracyOf(
  scores: Float32Array,
  { names, labels, ids, clusters }: LabelledData,
  seed: number,
): { readonly measured: Measured; readonly values: SampleValues } {
  const values = { ids, values: hitsOf({ names, scores, labels, ids }), ...(clusters && { clusters }) }
  return { measured: { ...meanMeasured(values, seed), unit: 'fraction' }, values }
}

function findingsOf(cells: readonly Cell[]): Findings {
  const pathOf = (kind: string, { source, target }: Cell) => `${kind}.${source}.${target}`
  const kinds = ['zeroShot', 'probe'] as const
  const each = cells.flatMap((cell) =>
    kinds.flatMap((kind) => {
      const [measured, samples] = [cell[kind], cell.samples[kind]]
      return measured && samples ? [{ path: pathOf(kind, cell), measured, samples }] : []
    }),
  )
  return {
    metrics: Object.fromEntries(each.map(({ path, measured }) => [path, measured])),
    headline: each.map(({ path }) => path),
    samples: Object.fromEntries(each.map(({ path, samples }) => [path, samples])),
    details: { cells: cells.map(({ samples: _, ...cell }) => cell) },
    sections: kinds.flatMap((kind) => matrixSection(kind, cells)),
    figures: cells.flatMap(figureOf).slice(0, 4),
  }
}

const titles = {
  zeroShot: ['Zero-shot transfer', 'Accuracy by prompts alone, over the classes that row and column share.'],
  probe: [
    'Transfer of a linear probe',
    'Accuracy on the data above of a probe that learned from the data on the left.',
  ],
} as const

function matrixSection(kind: 'zeroShot' | 'probe', cells: readonly Cell[]): Section[] {
  if (!cells.some((cell) => cell[kind])) return []
  const targets = [...new Set(cells.map(({ target }) => target))]
  const sources = [...new Set(cells.map(({ source }) => source))]
  const columns = [{ title: 'Learned from' }, ...targets.map((title) => ({ title, align: 'right' as const }))]
  const rows = sources.map((source) => [
    source,
    ...targets.map((target) => {
      const cell = cells.find((each) => each.source === source && each.target === target)
      const measured = cell?.[kind]
      return measured && `${percent(measured.value)} of ${measured.count}, ${cell.classes.length} classes`
    }),
  ])
  const [title, note] = titles[kind]
  return [{ title, note, body: htmlTable({ columns, rows }, { scrolls: true }) }]
}

function figureOf({ source, target, zeroShot, probe }: Cell): Figure[] {
  if (!probe) return []
  const more = `right by a probe; zero-shot ${percent(zeroShot.value)}`
  return [{ label: `${source} → ${target}`, value: percent(probe.value), more }]
}
