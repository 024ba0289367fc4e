import { rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import {
  applySteps,
  type BeforeAfter,
  type CompressionInput,
  type CompressionMethods,
  type CompressionReport,
  compressionPage,
  fileSizes,
  measureMemory,
  measureSpeed,
  methods,
  numbersOf,
  parseCompression,
  rowsOf,
  type Subject,
  searchWithinBudget,
} from '../../compression/index.ts'
import { type Batch, DataError, writeFileAtomic } from '../../core/index.ts'
import { openSource } from '../../data/index.ts'
import { type CheckpointChoice, compressionFiles, readBundle, requireReplaceableBundle } from '../../deploy/index.ts'
import { onnxruntimeVersion } from '../../engine/index.ts'
import { compareResults } from '../../evaluation/index.ts'
import { type Extensions, registryOf } from '../recipe/registry.ts'
import { judgeOf } from '../run/evaluate.ts'
import type { TrainOptions } from '../run/train-options.ts'
import { drawnSamples } from './calibration.ts'
import { dataOfCompression } from './data.ts'
import { fineTuneMethod } from './fine-tune.ts'
import { Workbench } from './workbench.ts'

/** Options of {@link compress} beside the compression itself. */
export interface CompressOptions extends Extensions, TrainOptions {
  /** Folder of the compressed model; an earlier one is replaced. Default `compressed/<name>`. */
  readonly out?: string | undefined
  /** Checkpoint of a run. Default `best`. */
  readonly checkpoint?: CheckpointChoice | undefined
  /** Threads of an operation. Default: all cores. */
  readonly threads?: number | undefined
  /** Version of Visuomotor, for the report. Default `unknown`. */
  readonly version?: string
  /** Receive sentences for people. */
  readonly onNote?: (text: string) => void
  /** Effort of the measures. Default: 60 runs or 4 seconds of each graph and batch size, 3 processes. */
  readonly measure?: { readonly runs?: number; readonly seconds?: number; readonly processes?: number }
}

/**
 * Compress a run, a bundle or a Hugging Face folder by some steps, and measure size, speed, memory and quality before and after.
 * The folder has the model, `compression-report.json` and `compression.html`.
 * @throws ConfigError `compression/recipe`, `compression/no-data`, `compression/budget`, `bundle/not-a-bundle`; errors of
 * `readBundle`, of sources and of the steps.
 */
export async function compress(
  model: string,
  input: CompressionInput,
  { families, objectives, evaluators, sources, ...options }: CompressOptions = {},
): Promise<CompressionReport> {
  const own: Extensions = { families, objectives, evaluators, sources }
  const registry = registryOf(own)
  const { out = join('compressed', basename(resolve(model))), threads, onNote = () => {} } = options
  const table: CompressionMethods = { ...methods, fineTune: fineTuneMethod(model, out, registry, options) }
  const recipe = parseCompression(input, table)
  requireReplaceableBundle(out)
  const bundle = readBundle(model, { checkpoint: options.checkpoint, families: registry.families })
  const judge = judgeOf(model, registry)
  const data = dataOfCompression(model, recipe, judge.recipe)
  for (const note of data.notes) onNote(note)
  const folder = `${resolve(out)}.${process.pid}.tmp`
  const { image, tokenizer } = bundle
  const source = openSource(data.calibration, registry.sources)
  const calibration = drawnSamples(source, recipe.calibration.samples, recipe.seed)
  const bench = new Workbench({
    ...{ folder, judge, registry, own, threads, onNote },
    ...{ seed: recipe.seed, sparse: recipe.store === 'sparse' },
    ...{ evaluators: recipe.evaluate.evaluators, metric: recipe.evaluate.metric },
    calibration,
    inputs: { image, tokenizer, length: bundle.model.inputs.text.length },
    evaluation: data.evaluation,
  })
  try {
    const subject: Subject = { bundle, passes: [] }
    const samples = await sampleRows(bench, source.name)
    const { budget } = recipe
    const found = budget && (await searchWithinBudget(recipe.steps, table, subject, bench, budget.quality))
    const steps = found?.steps ?? recipe.steps
    const result = await applySteps(steps, table, subject, bench)
    const before = join(folder, 'before')
    await bench.write(before, subject)
    await bench.write(out, result, { recipe, steps })
    const report: CompressionReport = {
      ...{ model, out, recipe, steps },
      numbers: { before: numbersOf(bundle), after: numbersOf(result.bundle) },
      ...(await measured({ before, after: out }, bench, samples, options)),
      ...(found && { search: found.report }),
      versions: { visuomotor: options.version ?? 'unknown', onnxruntime: onnxruntimeVersion() },
    }
    writeFileAtomic(join(out, compressionFiles.report), `${JSON.stringify(report, undefined, 1)}\n`)
    writeFileAtomic(join(out, compressionFiles.page), await compressionPage(report, result.findings ?? []))
    return report
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Samples that speed and memory are measured on. */
const measuredSamples = 32

/** The first samples to calibrate with; they come again where there are fewer. */
async function sampleRows(bench: Workbench, source: string): Promise<Batch> {
  for await (const batch of bench.batches()) return rowsOf(batch, measuredSamples)
  throw new DataError('data/empty', `${source} has no sample to calibrate with. Name other data`, { source })
}

/** Size, speed, memory and quality of two folders. */
async function measured(
  folders: BeforeAfter<string>,
  bench: Workbench,
  samples: Batch,
  { threads, measure = {}, onNote }: CompressOptions,
): Promise<Pick<CompressionReport, 'files' | 'speed' | 'memory' | 'quality' | 'monitored'>> {
  const { processes = 3, ...effort } = measure
  const [first, second] = [await bench.evaluate(folders.before), await bench.evaluate(folders.after)]
  return {
    files: { before: fileSizes(folders.before), after: fileSizes(folders.after) },
    speed: await measureSpeed(folders, samples, { seed: bench.seed, threads, ...effort }),
    memory: await measureMemory(folders, samples, { threads, processes }),
    quality: compareResults(first, second, onNote),
    monitored: bench.monitored(first),
  }
}
