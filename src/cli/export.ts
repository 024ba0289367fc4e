import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type WeightDType, weightDTypes } from '../core/index.ts'
import type { CheckpointChoice, FrameSize } from '../deploy/index.ts'
import { exportAdapter, exportBundle, exportLeRobot, objectiveOfModel } from '../recipes/index.ts'
import { formatBytes, type Table, textTable } from '../report/index.ts'
import { registryFrom } from './load-recipe.ts'
import { checkpointOption, extensionsOption, jsonOption, parseCount } from './options.ts'
import type { Output } from './output.ts'

interface ExportOptions {
  readonly out?: string
  readonly checkpoint?: CheckpointChoice
  readonly dtype?: WeightDType | 'auto'
  readonly adapter?: true
  readonly adapterSlots?: number
  readonly lerobot?: true
  readonly wiseFt?: number
  readonly camera?: FrameSize
  readonly with?: string
  readonly json?: true
}

/** `visuomotor export <run> [--out DIRECTORY]` */
export function registerExport(program: Command, output: Output): void {
  program
    .command('export')
    .description('write the model of a run as a bundle for Hugging Face libraries and ONNX Runtime')
    .argument('<run>', 'a run, or a bundle to write again')
    .option('--out <directory>', 'the bundle; an earlier one is replaced (default: bundle in the run)')
    .addOption(checkpointOption())
    .addOption(
      new Option(
        '--dtype <name>',
        'precision of the weights; auto is that of the base (default: float32)',
      ).choices(['auto', ...weightDTypes]),
    )
    .addOption(
      new Option(
        '--adapter',
        "only the adapters of a run (lora), for Python's peft (default directory: adapter in the run)",
      ).conflicts(['dtype', 'adapterSlots', 'wiseFt', 'camera']),
    )
    .addOption(
      new Option(
        '--adapter-slots <rank>',
        'room for adapters up to this rank, which a runtime swaps; the bundle holds the base then',
      )
        .argParser(parseCount)
        .conflicts('wiseFt'),
    )
    .addOption(
      new Option(
        '--lerobot',
        "a policy that acts in chunks as a checkpoint for Python's lerobot (default directory: lerobot in the run)",
      ).conflicts(['adapter', 'adapterSlots', 'dtype', 'wiseFt', 'camera']),
    )
    .option('--wise-ft <alpha>', 'weights between the base of the run (0) and the run (1)', parseAlpha)
    .option(
      '--camera <width>x<height>',
      "size of the frames of a policy's camera, for onnx/frames.onnx (default: the size of the model's images)",
      parseFrameSize,
    )
    .addOption(extensionsOption())
    .addOption(jsonOption())
    .action((run: string, options: ExportOptions) => writeExport(run, options, output))
}

async function writeExport(run: string, options: ExportOptions, output: Output): Promise<void> {
  const kind = options.adapter ? 'adapter' : options.lerobot ? 'lerobot' : 'bundle'
  const { out = join(run, kind), json } = options
  const registry = await registryFrom(options)
  if (kind === 'adapter') await exportAdapter(run, out, options, registry)
  else if (kind === 'lerobot') await exportLeRobot(run, out, options, registry)
  else for (const note of await exportBundle(run, out, options, registry)) output.note(note)
  const files = sizesOf(out)
  output.result(json ? JSON.stringify({ [kind]: out, files }, undefined, 2) : textTable(tableOf(files)))
  if (kind !== 'bundle') return
  const trial = await objectiveOfModel(out, registry).next(out, undefined)
  const isExport = trial.startsWith('export ') // what comes next of a model that no command shows
  output.note(`the bundle is ${out}${isExport ? '' : `; try it: npx visuomotor ${trial}`}`)
}

function parseFrameSize(text: string): FrameSize {
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? []
  if (width === undefined) throw new InvalidArgumentError('It is a size in pixels, such as 640x480.')
  return { width: Number(width), height: Number(height) }
}

function parseAlpha(text: string): number {
  const alpha = Number(text)
  if (text.trim() !== '' && alpha >= 0 && alpha <= 1) return alpha
  throw new InvalidArgumentError('It is a number from 0 to 1.')
}

/** Bytes of every file below a folder. */
function sizesOf(directory: string): Record<string, number> {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(files.sort().map((file) => [relative(directory, file), statSync(file).size]))
}

const tableOf = (files: Readonly<Record<string, number>>): Table => ({
  columns: [{ title: 'File' }, { title: 'Size' }],
  rows: Object.entries(files).map(([name, size]) => [name, formatBytes(size)]),
})
