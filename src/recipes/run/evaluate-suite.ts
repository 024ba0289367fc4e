import { openSource } from '../../data/index.ts'
import { ChunkPolicyRuntime, DualEncoderRuntime, modelDigests, PolicyRuntime } from '../../deploy/index.ts'
import { onnxruntimeVersion } from '../../engine/index.ts'
import {
  type EvaluationSettings,
  type Evaluators,
  FeatureStore,
  ModelUnderTest,
  parseSuite,
  runSuite,
  type Suite,
  type SuiteInput,
  type SuiteResult,
} from '../../evaluation/index.ts'
import { isDualEncoder } from '../../models/index.ts'
import type { LoadedModel } from '../objectives/objective.ts'
import { type Extensions, type Registry, registryOf } from '../recipe/registry.ts'
import { type EvaluationOptions, type Judge, judgeOf } from './evaluate.ts'
import { objectiveEvaluator, objectiveSchema } from './objective-evaluator.ts'

/** Options of a suite beside its model. */
export interface SuiteOptions extends Omit<EvaluationOptions, 'onTest' | 'signal'>, Extensions {
  /** Folder that keeps the features of dual encoders for the next suite. Default: none. */
  readonly keepFeatures?: string | undefined
  /** Arguments of the command line, for the provenance. Default: none. */
  readonly command?: readonly string[]
  /** Version of Visuomotor, for the provenance. Default `unknown`. */
  readonly version?: string
  /** Objective that judges the model. Default: that of its run, or of its family. */
  readonly judge?: Judge | undefined
  /** Receive the data set and the evaluator that begin. */
  readonly onStep?: (test: string, evaluator: string) => void
}

/** Check a suite, whose evaluators may be a user's own. @throws ConfigError `evaluation/suite`. */
export const parseSuiteFor = (input: unknown, registry: Registry): Suite =>
  parseSuite(input, { ...registry.evaluators, objective: { schema: objectiveSchema } })

/**
 * Carry out a suite on the model of a run, a bundle or a Hugging Face folder, which is loaded once.
 * @throws ConfigError `evaluation/suite` for a suite that is not valid, `evaluation/refused` for a model that it cannot judge;
 * errors of `readBundle`, of sources and of evaluators.
 */
export async function evaluateSuite(
  directory: string,
  input: SuiteInput | Suite,
  { families, objectives, evaluators, sources, ...options }: SuiteOptions = {},
): Promise<SuiteResult> {
  const registry = registryOf({ families, objectives, evaluators, sources })
  const suite = parseSuiteFor(input, registry)
  const judge = options.judge ?? judgeOf(directory, registry)
  const settings = settingsOf(options)
  const files = await modelDigests(directory, { checkpoint: options.checkpoint, families: registry.families })
  const { device, threads, checkpoint, onNote } = options
  const load = { device, threads, checkpoint, onNote, families: registry.families }
  const model = await judge.objective.load(directory, load)
  const tested = new ModelUnderTest({
    ...{ directory, files, seed: suite.seed, description: model.description },
    engine: { device: settings.device, onnxruntime: onnxruntimeVersion() },
    ...(await runtimesOf(model, () => DualEncoderRuntime.load(directory, load))),
    openSource: (spec) => openSource(spec, registry.sources),
    ...{ onBadSample: options.onBadSample, workers: options.workers, watch: options.watch, onNote, threads },
    store: storeOf(options),
  })
  const rows: Evaluators = { ...registry.evaluators, objective: objectiveEvaluator(model, judge, options) }
  const findings = await runSuite(suite, tested, rows, options.onStep)
  return {
    suite: suite.name,
    directory,
    ...findings,
    provenance: {
      ...{ model: files, data: await tested.data() },
      ...(Object.keys(tested.files).length > 0 && { files: tested.files }),
      ...{ versions: versionsOf(options.version) },
      ...{ seed: suite.seed, suite, settings, command: options.command ?? [] },
    },
  }
}

const settingsOf = ({
  device = 'cpu',
  threads,
  checkpoint,
  onBadSample = 'fail',
}: SuiteOptions): EvaluationSettings => ({
  device,
  ...(threads !== undefined && { threads }),
  ...(checkpoint !== undefined && { checkpoint }),
  onBadSample,
})

const storeOf = ({ keepFeatures, onNote }: SuiteOptions): FeatureStore | undefined =>
  keepFeatures === undefined ? undefined : new FeatureStore(keepFeatures, (text) => onNote?.(text))

/** The interfaces by which evaluators ask a model: of a sum of objectives the part that has a shared space. */
async function runtimesOf(model: LoadedModel, loadDualEncoder: () => Promise<DualEncoderRuntime>) {
  if (model instanceof PolicyRuntime) return { policy: model }
  if (model instanceof ChunkPolicyRuntime) return { chunkPolicy: model }
  const parts = 'loaded' in model ? Object.values(model.loaded as Record<string, LoadedModel>) : [model]
  const own = parts.find((part) => part instanceof DualEncoderRuntime)
  return {
    dualEncoder: own ?? (isDualEncoder(model.description.model) ? await loadDualEncoder() : undefined),
  }
}

const versionsOf = (visuomotor = 'unknown'): Record<string, string> => ({
  visuomotor,
  node: process.versions.node,
  onnxruntime: onnxruntimeVersion(),
  machine: `${process.platform}-${process.arch}`,
})
