import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  fileSizes,
  type Monitored,
  numbersOf,
  pointsOf,
  type SearchTools,
  type Subject,
  totalBytes,
  writeCompressed,
} from '../../compression/index.ts'
import { type Batch, ConfigError, didYouMean, type HostArray } from '../../core/index.ts'
import type { Source, SourceSpec } from '../../data/index.ts'
import type { ModelDescription } from '../../deploy/index.ts'
import { evaluationLoader, type SuiteInput, type SuiteResult } from '../../evaluation/index.ts'
import type { Extensions, Registry } from '../recipe/registry.ts'
import type { Judge } from '../run/evaluate.ts'
import { evaluateSuite } from '../run/evaluate-suite.ts'
import { objective } from '../run/objective-evaluator.ts'
import { calibrationGradients } from './gradients.ts'

/** All that a {@link Workbench} needs. */
export interface WorkbenchOptions {
  /** The model that is made smaller, and its `bundleDigest`. */
  readonly model: string
  readonly digest: string
  /** Folder for models on trial. */
  readonly folder: string
  readonly judge: Judge
  readonly registry: Registry
  /** The user's rows among those of the registry. */
  readonly own: Extensions
  readonly seed: number
  readonly threads: number | undefined
  readonly sparse: boolean
  /** Samples to calibrate with, and the inputs that they become. */
  readonly calibration: Source
  readonly inputs: Pick<ModelDescription, 'image' | 'tokenizer'> & { readonly length: number }
  readonly evaluation: SourceSpec
  readonly evaluators: readonly { readonly kind: string }[] | undefined
  /** Path of the metric. Default: what the run monitors, else the headline. */
  readonly metric: string | undefined
  readonly onNote: (text: string) => void
  /** Signal to end before the next model is written or evaluated. */
  readonly signal: AbortSignal | undefined
}

/** Name of the data set in the results. */
const test = 'validation'

/** Place where models on their way are written, judged and weighed: the tools of a compression. */
export class Workbench implements SearchTools {
  readonly seed: number
  readonly threads: number | undefined
  readonly families: Registry['families']
  readonly batches: () => AsyncIterable<Batch>
  readonly #options: WorkbenchOptions
  #trials = 0

  constructor(options: WorkbenchOptions) {
    this.#options = options
    this.seed = options.seed
    this.threads = options.threads
    this.families = options.registry.families
    const { image, tokenizer, length } = options.inputs
    this.batches = () =>
      evaluationLoader(image, options.calibration, { texts: { inputIds: { tokenizer, length } } })
  }

  note(text: string): void {
    this.#options.onNote(text)
  }

  gradients({ bundle }: Subject): Promise<ReadonlyMap<string, HostArray<'float32'>>> {
    return calibrationGradients(bundle, this.batches(), this.#options)
  }

  async quality(subject: Subject): Promise<number> {
    return (await this.judge(subject)).quality
  }

  async judge(subject: Subject) {
    const folder = join(this.#options.folder, `trial-${this.#trials++}`)
    await this.write(folder, subject)
    const result = await this.evaluate(folder)
    const { parameters, zeros } = numbersOf(subject.bundle)
    const size = { bytes: totalBytes(fileSizes(folder)), nonzero: parameters - zeros }
    rmSync(folder, { recursive: true })
    return { quality: pointsOf(result, this.monitored(result)), size }
  }

  /** Write a model, as it will be in the end. */
  async write(folder: string, subject: Subject, provenance: object = {}): Promise<void> {
    mkdirSync(this.#options.folder, { recursive: true })
    const { model, sparse, registry, signal } = this.#options
    signal?.throwIfAborted()
    const record = { from: { source: model, digest: this.#options.digest }, ...provenance }
    await writeCompressed(folder, subject, record, { families: registry.families, sparse })
  }

  /** Evaluate a model in a folder. */
  async evaluate(folder: string): Promise<SuiteResult> {
    this.#options.signal?.throwIfAborted()
    const { evaluation, evaluators = [objective()], seed, threads, judge, own, onNote } = this.#options
    const suite = { name: 'compression', seed, tests: { [test]: { data: evaluation, evaluators } } }
    return evaluateSuite(folder, suite as SuiteInput, { ...own, judge, threads, onNote })
  }

  /** The metric that decides. @throws ConfigError `compression/metric` for one that there is not. */
  monitored({ tests }: SuiteResult): Monitored {
    const [[evaluator, { metrics, headline }]] = Object.entries(tests[test]!) as [
      [string, SuiteResult['tests'][string][string]],
    ]
    const { metric, judge } = this.#options
    const own = judge.recipe?.validation.monitor
    const path = metric ?? (own !== undefined && own in metrics ? own : headline[0]!)
    if (path in metrics) return { test, evaluator, path }
    throw new ConfigError(
      'compression/metric',
      `the evaluator ${evaluator} has no metric '${path}'${didYouMean(path, Object.keys(metrics))}`,
      { metric: path, known: Object.keys(metrics) },
    )
  }
}
