import { ConfigError } from '../core/index.ts'
import { formatNumber } from '../report/index.ts'
import { applySteps } from './apply-steps.ts'
import type { CompressionMethods, Subject, Tools } from './method.ts'
import type { CompressionStep } from './recipe.ts'

/** Size of a compressed model, by which a search compares. */
export interface Size {
  /** Bytes of its files. */
  readonly bytes: number
  /** Numbers of its weights that are not zero. */
  readonly nonzero: number
}

/** One compression that a search tried. */
export interface Trial {
  /** Share of the way that the steps went; 1 is as asked. */
  readonly share: number
  /** Parts that were left as they are, the most sensitive ones. */
  readonly kept: readonly string[]
  /** Change of the quality in points; negative is a loss. */
  readonly change: number
  readonly size: Size
  readonly within: boolean
}

/** Change of the quality, in points, where one part of a model alone is compressed as asked. */
export interface PartSensitivity {
  readonly part: string
  readonly kind: string
  readonly change: number
}

/** All that a search tried. */
export interface SearchReport {
  /** Points that may be lost, as a number of 0 or less. */
  readonly budget: number
  /** Quality without compression. */
  readonly quality: number
  /** Parts from the most to the least sensitive. */
  readonly sensitivity: readonly PartSensitivity[]
  readonly trials: readonly Trial[]
  readonly chosen: Trial
}

/** Tools of a search. */
export interface SearchTools extends Tools {
  /** Quality and size of a model; the quality is in points, higher is better. */
  judge(subject: Subject): Promise<{ readonly quality: number; readonly size: Size }>
}

/** Fractions of the parts that are left as they are, the most sensitive first. */
const keptFractions = [0, 1 / 8, 1 / 4, 1 / 2] as const
/** Number of times that the share between a good and a bad one is halved. */
const halvings = 4

/**
 * Search how far the steps of a compression can go within a budget: a scan first, of what each part of the model loses alone;
 * then, with the most sensitive parts left as they are, more of them each time, a bisection of the share of the way, if the
 * steps have one. Of all that loses no more than the budget the smallest is taken.
 * @throws ConfigError `compression/budget` when even the mildest loses more.
 */
export async function searchWithinBudget(
  steps: readonly CompressionStep[],
  methods: CompressionMethods,
  subject: Subject,
  tools: SearchTools,
  budget: number,
): Promise<{ readonly steps: readonly CompressionStep[]; readonly report: SearchReport }> {
  const search = new Search(
    steps.filter(({ kind }) => !methods[kind]!.trains),
    methods,
    subject,
    tools,
    budget,
  )
  const report = await search.run()
  const found = search.stepsOf(report.chosen)
  let next = 0
  return { steps: steps.map((step) => (methods[step.kind]!.trains ? step : found[next++]!)), report }
}

class Search {
  readonly #steps: readonly CompressionStep[]
  readonly #methods: CompressionMethods
  readonly #subject: Subject
  readonly #tools: SearchTools
  readonly #budget: number
  readonly #trials: Trial[] = []
  #quality = 0

  constructor(
    steps: readonly CompressionStep[],
    methods: CompressionMethods,
    subject: Subject,
    tools: SearchTools,
    budget: number,
  ) {
    this.#steps = steps
    this.#methods = methods
    this.#subject = subject
    this.#tools = tools
    this.#budget = budget
  }

  async run(): Promise<SearchReport> {
    this.#quality = (await this.#tools.judge(this.#subject)).quality
    this.#tools.note(`budget: ${points(this.#budget)} of a quality of ${formatNumber(this.#quality, 1)}`)
    const sensitivity = await this.#scan()
    const order = [...new Set(sensitivity.map(({ part }) => part))]
    const hasShare = this.#steps.some(({ kind }) => this.#methods[kind]!.reach?.share)
    const best = await (hasShare ? this.#bisectShares(order) : this.#bisectKept(order))
    const report = { budget: this.#budget, quality: this.#quality, sensitivity, trials: this.#trials }
    if (best) return { ...report, chosen: best }
    const mildest = this.#trials.toSorted((a, b) => b.change - a.change)[0]!
    throw new ConfigError(
      'compression/budget',
      `even the mildest of ${this.#trials.length} compressions loses more than the budget of ${points(this.#budget)}: ` +
        `${descriptionOf(mildest)}. Allow a larger loss, or compress less of the model (parameters, except)`,
      report,
    )
  }

  /** The steps of a trial. */
  stepsOf({ share, kept }: Pick<Trial, 'share' | 'kept'>): CompressionStep[] {
    return this.#steps.map((step) => {
      const { reach } = this.#methods[step.kind]!
      if (!reach) return step
      const parts = reach.parts(step, this.#subject, this.#tools)
      const own = kept.filter((part) => parts.has(part))
      const rest = own.length > 0 ? reach.without(step, own, this.#subject, this.#tools) : step
      return share < 1 && reach.share ? reach.share(rest, share) : rest
    })
  }

  /** Change of the quality for each part alone, the most sensitive first. */
  async #scan(): Promise<PartSensitivity[]> {
    const found: PartSensitivity[] = []
    for (const step of this.#steps) {
      const { reach } = this.#methods[step.kind]!
      for (const [part, options] of reach?.parts(step, this.#subject, this.#tools) ?? []) {
        const changed = await this.#changed([options])
        const change = changed ? (await this.#tools.judge(changed)).quality - this.#quality : 0
        found.push({ part, kind: step.kind, change })
        this.#tools.note(`${step.kind}, only ${part}: ${points(change)}`)
      }
    }
    return found.sort((a, b) => a.change - b.change)
  }

  async #bisectShares(order: readonly string[]): Promise<Trial | undefined> {
    let best: Trial | undefined
    const counts = new Set(keptFractions.map((fraction) => Math.floor(fraction * order.length)))
    for (const count of counts) {
      const kept = order.slice(0, count)
      const whole = await this.#try(1, kept)
      best = smaller(best, whole)
      if (!whole || whole.within) break // with more parts kept it only grows
      // With more parts kept, a smaller share than the best so far would be a larger model.
      let [good, bad] = [best?.share ?? 0, 1]
      for (let i = 0; i < halvings; i++) {
        const share = (good + bad) / 2
        const trial = await this.#try(share, kept)
        best = smaller(best, trial)
        if (!trial || trial.within) good = share
        else bad = share
      }
    }
    return best
  }

  /** Fewest of the parts, the most sensitive ones, that must stay as they are. */
  async #bisectKept(order: readonly string[]): Promise<Trial | undefined> {
    let best = smaller(undefined, await this.#try(1, []))
    if (best) return best
    let [bad, good] = [0, order.length]
    while (good - bad > 1) {
      const count = (good + bad) >> 1
      const trial = await this.#try(1, order.slice(0, count))
      best = smaller(best, trial)
      if (!trial || trial.within) good = count
      else bad = count
    }
    return best
  }

  #applied(steps: readonly CompressionStep[]): Promise<Subject> {
    return applySteps(steps, this.#methods, this.#subject, quiet(this.#tools))
  }

  /** The model after some steps; undefined where one of them is so mild that it would remove nothing. */
  async #changed(steps: readonly CompressionStep[]): Promise<Subject | undefined> {
    try {
      return await this.#applied(steps)
    } catch (error) {
      if (error instanceof ConfigError && error.code === 'compression/nothing-to-remove') return undefined
      throw error
    }
  }

  /** Try a compression; undefined for one that is milder than asked and removes nothing, which is none. */
  async #try(share: number, kept: readonly string[]): Promise<Trial | undefined> {
    const steps = this.stepsOf({ share, kept })
    const isAsked = share === 1 && kept.length === 0
    const changed = isAsked ? await this.#applied(steps) : await this.#changed(steps)
    if (!changed) return undefined
    const { quality, size } = await this.#tools.judge(changed)
    const change = quality - this.#quality
    // A difference of equal decimals may be off by a rounding.
    const trial = { share, kept, change, size, within: change >= this.#budget - 1e-9 }
    this.#trials.push(trial)
    this.#tools.note(`${descriptionOf(trial)}, ${trial.within ? 'within' : 'outside'} the budget`)
    return trial
  }
}

/** Tools that say nothing: a search would repeat the notes of a step at each trial. */
const quiet = (tools: SearchTools): SearchTools => ({
  ...{ seed: tools.seed, threads: tools.threads, families: tools.families, batches: tools.batches },
  gradients: (subject) => tools.gradients(subject),
  quality: (subject) => tools.quality(subject),
  judge: (subject) => tools.judge(subject),
  note: () => {},
})

/** The smaller of two trials within the budget: by bytes, and where these are alike by weights. */
function smaller(best: Trial | undefined, trial: Trial | undefined): Trial | undefined {
  if (!trial?.within) return best
  if (!best) return trial
  const difference = trial.size.bytes - best.size.bytes || trial.size.nonzero - best.size.nonzero
  return difference < 0 ? trial : best
}

/** A trial in words. */
export function descriptionOf({ share, kept, change }: Trial): string {
  const way = share === 1 ? 'as asked' : `${formatNumber(100 * share, 1)} % of the way`
  const left = kept.length > 0 ? `, without ${kept.join(', ')}` : ''
  return `${way}${left}: ${points(change)}`
}

const points = (change: number): string =>
  `${change > 0 ? '+' : change < 0 ? '−' : ''}${formatNumber(Math.abs(change), 2)} points`
