import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
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
import {
  type Bundle,
  bundleDigest,
  type CheckpointChoice,
  compressionFiles,
  readBundle,
  requireReplaceableBundle,
  writeManifest,
} from '../../deploy/index.ts'
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
  const table: CompressionMethods = {
    ...methods,
    fineTune: fineTuneMethod(model, out, registry, { ...options, ...own }),
  }
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
    ...{
      model,
      digest: bundleDigest(bundle),
      folder,
      judge,
      registry,
      own,
      threads,
      onNote,
      signal: options.signal,
    },
    ...{ seed: recipe.seed, sparse: recipe.store === 'sparse' },
    ...{ evaluators: recipe.evaluate.evaluators, metric: recipe.evaluate.metric },
    calibration,
    inputs: { image, tokenizer, length: bundle.model.inputs.text.length },
    evaluation: data.evaluation,
  })
  try {
    const report = await carriedOut(
      { model, out, bundle, recipe, table, folder, source: source.name },
      bench,
      options,
    )
    rmSync(out, { recursive: true, force: true })
    mkdirSync(dirname(resolve(out)), { recursive: true })
    renameSync(join(folder, 'after'), out)
    return report
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A compression that is checked. */
interface Checked extends Pick<CompressionReport, 'model' | 'out' | 'recipe'> {
  readonly bundle: Bundle
  readonly table: CompressionMethods
  /** Folder for all that is written on the way; in the end `after` in it is the compressed model. */
  readonly folder: string
  /** Name of the data to calibrate with. */
  readonly source: string
}

async function carriedOut(
  { model, out, bundle, recipe, table, folder, source }: Checked,
  bench: Workbench,
  options: CompressOptions,
): Promise<CompressionReport> {
  const subject: Subject = { bundle, passes: [] }
  const samples = await sampleRows(bench, source)
  const folders = { before: join(folder, 'before'), after: join(folder, 'after') }
  await bench.write(folders.before, subject)
  const first = await bench.evaluate(folders.before)
  const monitored = bench.monitored(first)
  const { budget } = recipe
  const found = budget && (await searchWithinBudget(recipe.steps, table, subject, bench, budget.quality))
  const steps = found?.steps ?? recipe.steps
  const result = await applySteps(steps, table, subject, bench)
  await bench.write(folders.after, result, { recipe, steps })
  const second = await bench.evaluate(folders.after)
  const report: CompressionReport = {
    ...{ model, out, recipe, steps, monitored },
    numbers: { before: numbersOf(bundle), after: numbersOf(result.bundle) },
    ...(await measured(folders, bench, samples, options)),
    quality: { ...compareResults(first, second, options.onNote), models: [model, out] },
    ...(found && { search: found.report }),
    versions: { visuomotor: options.version ?? 'unknown', onnxruntime: onnxruntimeVersion() },
  }
  await writeReports(folders.after, report, result)
  return report
}

/** Write numbers and page of a compression beside its model. */
async function writeReports(
  folder: string,
  report: CompressionReport,
  { findings = [] }: Subject,
): Promise<void> {
  writeFileAtomic(join(folder, compressionFiles.report), `${JSON.stringify(report, undefined, 1)}\n`)
  writeFileAtomic(join(folder, compressionFiles.page), await compressionPage(report, findings))
  writeManifest(folder)
}

/** Samples that speed and memory are measured on. */
const measuredSamples = 32

/** The first samples to calibrate with; they come again where there are fewer. */
async function sampleRows(bench: Workbench, source: string): Promise<Batch> {
  for await (const batch of bench.batches()) return rowsOf(batch, measuredSamples)
  throw new DataError('data/empty', `${source} has no sample to calibrate with. Name other data`, { source })
}

/** Size, speed and memory of two folders. */
async function measured(
  folders: BeforeAfter<string>,
  bench: Workbench,
  samples: Batch,
  { threads, measure = {} }: CompressOptions,
): Promise<Pick<CompressionReport, 'files' | 'speed' | 'memory'>> {
  const { processes = 3, ...effort } = measure
  return {
    files: { before: fileSizes(folders.before), after: fileSizes(folders.after) },
    speed: await measureSpeed(folders, samples, { seed: bench.seed, threads, ...effort }),
    memory: await measureMemory(folders, samples, { threads, processes }),
  }
}
