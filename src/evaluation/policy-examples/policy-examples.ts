import { type Batch, random } from '../../core/index.ts'
import type { HeadConfig, PolicyValues, Tolerances } from '../../models/index.ts'
import { judgeSample, type Verdict } from './judge-sample.ts'

/** A sample that a policy was tested on. */
export interface PolicyExample {
  readonly id: string
  readonly verdicts: readonly Verdict[]
  /** Attention of the command over the patches, row by row; it sums to 1. */
  readonly attention: readonly number[]
}

/** Numbers of examples that are kept. */
const kept = { drawn: 6, worst: 3 }

/**
 * Collector of examples of a policy's test in bounded memory: some drawn at random, whether right or wrong, and for each
 * head the samples that it did worst. The same data gives the same examples.
 */
export class PolicyExamples {
  readonly #heads: Readonly<Record<string, HeadConfig>>
  readonly #tolerances: Tolerances
  readonly #random = random(0, 'policyExamples')
  readonly #drawn: PolicyExample[] = []
  readonly #worst: Readonly<Record<string, { example: PolicyExample; verdict: Verdict }[]>>
  #count = 0

  constructor(heads: Readonly<Record<string, HeadConfig>>, tolerances: Tolerances) {
    this.#heads = heads
    this.#tolerances = tolerances
    this.#worst = Object.fromEntries(Object.keys(heads).map((head) => [head, []]))
  }

  /** Consider all samples of a batch. */
  add(batch: Batch, values: PolicyValues): void {
    const patches = values.attention.length / batch.ids.length
    for (const [row, id] of batch.ids.entries()) {
      const verdicts = judgeSample(this.#heads, this.#tolerances, batch, values, row)
      if (verdicts.length === 0) continue
      const attention = [...values.attention.subarray(row * patches, (row + 1) * patches)]
      this.#consider({ id, verdicts, attention })
    }
  }

  /** Samples drawn at random, each with the same chance (reservoir sampling, Vitter 1985). */
  get drawn(): readonly PolicyExample[] {
    return this.#drawn
  }

  /** Samples that a head did worst, the worst first: failures before successes. */
  worst(head: string): readonly PolicyExample[] {
    return (this.#worst[head] ?? []).map(({ example }) => example)
  }

  #consider(example: PolicyExample): void {
    this.#count += 1
    const place = this.#random.integer(this.#count)
    if (this.#drawn.length < kept.drawn) this.#drawn.push(example)
    else if (place < kept.drawn) this.#drawn[place] = example
    for (const verdict of example.verdicts) {
      const worst = this.#worst[verdict.head]!
      const at = worst.findIndex((other) => isWorse(verdict, other.verdict))
      worst.splice(at === -1 ? worst.length : at, 0, { example, verdict })
      worst.length = Math.min(worst.length, kept.worst)
    }
  }
}

const isWorse = (a: Verdict, b: Verdict): boolean =>
  a.success === b.success ? a.error > b.error : !a.success
