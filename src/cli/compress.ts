import { type Command, InvalidArgumentError } from 'commander'
import { type CompressionInput, compressionTable, descriptionOf } from '../compression/index.ts'
import { ConfigError, version } from '../core/index.ts'
import { parseSource } from '../data/index.ts'
import type { CheckpointChoice } from '../deploy/index.ts'
import { rollouts } from '../evaluation/index.ts'
import { assignedCompression, compress } from '../recipes/index.ts'
import { textTable } from '../report/index.ts'
import { trainingProgress } from '../training/index.ts'
import { Interrupted } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import { compressionSort, loadExtensions, loadNamed, namedHelp } from './load-named.ts'
import {
  checkpointOption,
  extensionsOption,
  jsonOption,
  parseCount,
  parseSeed,
  threadsOption,
} from './options.ts'
import type { Output } from './output.ts'

interface CompressFlags {
  readonly recipe?: string
  readonly structured?: number
  readonly prune?: number
  readonly sparsity?: { readonly n: number; readonly m: number }
  readonly importance?: string
  readonly fineTune?: number
  readonly distil?: true
  readonly int8?: true
  readonly budget?: number
  readonly data?: string
  readonly rollouts?: number
  readonly samples?: number
  readonly seed?: number
  readonly set?: readonly string[]
  readonly out?: string
  readonly checkpoint?: CheckpointChoice
  readonly threads?: number
  readonly with?: string
  readonly json?: true
}

/** `visuomotor compress <run|bundle>` */
export function registerCompress(program: Command, output: Output): void {
  program
    .command('compress')
    .description('make a model smaller, and measure size, speed, memory and quality before and after')
    .argument('<model>', 'a run, a bundle, or a folder of Hugging Face')
    .option('--recipe <name>', namedHelp(compressionSort))
    .option('--structured <ratio>', 'remove this fraction of the hidden units outright', parseRatio)
    .option('--prune <ratio>', 'set this fraction of the weights to zero, such as 0.3', parseRatio)
    .option('--sparsity <n:m>', 'keep n of every m neighbouring weights, such as 2:4', parsePattern)
    .option('--importance <name>', 'of weights for --prune and --sparsity: magnitude, wanda or random')
    .option('--fine-tune <epochs>', 'fine-tune what is left by the recipe of the run', parseEpochs)
    .option('--distil', 'with --fine-tune: learn from the original, too')
    .option('--int8', 'compute products in int8')
    .option('--budget <quality=-points>', 'go as far as this loss allows, such as quality=-1', parseBudget)
    .option('--data <source>', 'what the quality is measured on (default: the validation data of the run)')
    .option('--rollouts <episodes>', 'judge a policy by its success in physics', parseCount)
    .option('--samples <count>', 'samples to calibrate with (default: 256)', parseCount)
    .option('--seed <number>', 'the same as --set seed=<number>', parseSeed)
    .option('--set <path=value>', 'replace a value of the compression, as often as needed', collect)
    .option(
      '--out <directory>',
      'the compressed model; an earlier one is replaced (default: compressed/<name>)',
    )
    .addOption(checkpointOption())
    .addOption(threadsOption())
    .addOption(extensionsOption())
    .addOption(jsonOption())
    .action(async (model: string, flags: CompressFlags) => {
      const { input, own } = await compressionOf(flags)
      const { out, checkpoint, threads, json, with: file } = flags
      const extensions = file === undefined ? own : { ...own, ...(await loadExtensions(file)) }
      const report = await interruptible(
        output,
        (signal) =>
          compress(model, input, {
            ...{
              out,
              checkpoint,
              threads,
              signal,
              version: version(),
              callbacks: [trainingProgress(output)],
            },
            ...extensions,
            onNote: (text) => output.note(text),
          }).catch((error: unknown) => {
            if (!signal.aborted) throw error
            throw new Interrupted(
              'interrupted; nothing was compressed. The same command begins again; fine-tuning goes on from its last checkpoint',
            )
          }),
        'stopping after this measurement, or this step of training',
      )
      if (report.search) output.note(`chosen: ${descriptionOf(report.search.chosen)}`)
      output.note(`the compressed model is ${report.out}; measures and page are in it`)
      output.result(json ? JSON.stringify(report, undefined, 2) : textTable(compressionTable(report)))
    })
}

/** The compression of the command line: a named one, or steps from flags, and changes of both. */
async function compressionOf(flags: CompressFlags) {
  const steps = stepsOf(flags)
  if (flags.recipe !== undefined && steps.length > 0)
    throw new ConfigError(
      'cli/options',
      `--recipe has its own steps: leave out ${namesOf(steps)}, or change it with --set`,
    )
  if (flags.recipe === undefined && steps.length === 0)
    throw new ConfigError('cli/options', 'name a step, such as --prune 0.3, or a --recipe')
  if (flags.distil && flags.fineTune === undefined)
    throw new ConfigError('cli/options', '--distil is for fine-tuning: add --fine-tune EPOCHS')
  const loaded =
    flags.recipe === undefined
      ? { value: { steps }, own: {} }
      : await loadNamed(flags.recipe, compressionSort)
  const input = assignedCompression(changed(loaded.value, flags), flags.set ?? [])
  return { input, own: loaded.own }
}

const namesOf = (steps: CompressionInput['steps']): string => steps.map(({ kind }) => kind).join(', ')

/** Steps in an order that makes sense: what is removed outright first, training after zeros, graphs last. */
function stepsOf(flags: CompressFlags): CompressionInput['steps'] {
  const { structured, prune, sparsity, importance, fineTune, distil = false, int8 } = flags
  const by = importance === undefined ? {} : { importance }
  return [
    ...(structured === undefined ? [] : [{ kind: 'structured', ratio: structured }]),
    ...(prune === undefined ? [] : [{ kind: 'prune', ratio: prune, ...by }]),
    ...(sparsity === undefined ? [] : [{ kind: 'sparsity', ...sparsity, ...by }]),
    ...(fineTune === undefined ? [] : [{ kind: 'fineTune', epochs: fineTune, distil }]),
    ...(int8 ? [{ kind: 'int8' }] : []),
  ]
}

/** A compression with the flags that change any. */
function changed(
  input: CompressionInput,
  { data, rollouts: episodes, samples, seed, budget }: CompressFlags,
): CompressionInput {
  const { calibration, evaluate } = input
  return {
    ...input,
    ...(seed !== undefined && { seed }),
    ...(budget !== undefined && { budget: { quality: budget } }),
    ...(samples !== undefined && { calibration: { ...calibration, samples } }),
    evaluate: {
      ...evaluate,
      ...(data !== undefined && { data: parseSource(data) }),
      ...(episodes !== undefined && {
        evaluators: [rollouts({ episodes, splits: ['train'], film: false })],
      }),
    },
  }
}

function parseRatio(text: string): number {
  const ratio = Number(text)
  if (text.trim() !== '' && ratio > 0 && ratio < 1) return ratio
  throw new InvalidArgumentError('It is a number between 0 and 1.')
}

function parsePattern(text: string): { readonly n: number; readonly m: number } {
  const [, n, m] = /^([1-9]\d*):([1-9]\d*)$/.exec(text) ?? []
  if (n !== undefined && Number(n) < Number(m)) return { n: Number(n), m: Number(m) }
  throw new InvalidArgumentError('It is n:m with n less than m, such as 2:4.')
}

function parseEpochs(text: string): number {
  const epochs = Number(text)
  if (text.trim() !== '' && epochs > 0 && Number.isFinite(epochs)) return epochs
  throw new InvalidArgumentError('It is a number above 0.')
}

function parseBudget(text: string): number {
  const [, points] = /^quality=(-?\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (points !== undefined && Number(points) <= 0) return Number(points)
  throw new InvalidArgumentError('It is quality= with the points that may be lost, such as quality=-1.')
}

const collect = (assignment: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  assignment,
]
