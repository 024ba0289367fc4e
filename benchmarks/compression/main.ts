import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { OutputError } from '../../src/compression/quantization/output-error.ts'
import { type Batch, float32, type HostArray, hostArray, random } from '../../src/core/index.ts'
import { Tokenizer, trainBpe } from '../../src/data/text/index.ts'
import type { Bundle } from '../../src/deploy/index.ts'
import { Engine, type Program, toHost } from '../../src/engine/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { modelOf } from '../case-files.ts'
import { cases, tinyCases } from '../cases.ts'
import { alternate } from '../rounds.ts'
import { median } from '../statistics.ts'
import { type QuantizedFile, quantizedFiles } from './quantized-files.ts'

const usage = `node --import tsx/esm benchmarks/compression/main.ts [--tiny] [--json]

  Size, speed and output error of CLIP ViT-B/32's image tower with random weights in float32, by our ways to quantize and by
  Python's onnxruntime.quantization ($VISUOMOTOR_PYTHON with peers/requirements.txt). All files run in our ONNX Runtime.`

const { values: options } = parseArgs({
  options: {
    tiny: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** What is known of one file. */
interface Row {
  readonly name: string
  readonly skipped?: string
  readonly megabytes?: number
  readonly signalToNoise?: number
  readonly cosine?: number
  readonly latencyMilliseconds?: number
  readonly imagesPerSecond?: number
}

if (options.help) console.log(usage)
else await benchmark()

async function benchmark(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-compression-'))
  try {
    const bundle = randomBundle()
    const batches = Array.from({ length: 4 }, (_, i) => imagesOf(bundle, i, options.tiny ? 4 : 16))
    const files = await quantizedFiles(directory, { bundle, passes: [] }, batches)
    const rows = await measure(files, imagesOf(bundle, 99, options.tiny ? 4 : 32).arrays.pixelValues!)
    if (options.json) console.log(JSON.stringify(rows, undefined, 2))
    else console.table(rows)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Weights as a model begins with. */
function randomBundle(): Bundle {
  const model = modelOf(options.tiny ? tinyCases.towers : cases.towers)
  const { json, config } = trainBpe(['a photo'], { vocabularySize: 520, length: model.inputs.text.length })
  const weights = Array.from(namedParameters(model), ([name, { shape, initialize }]) => {
    return [name, hostArray('float32', shape, initialize(shape, random(7, name)))] as const
  })
  const image = {
    size: model.inputs.image.size,
    fit: 'contain',
    background: [1, 1, 1],
    mean: [0, 0, 0],
    std: [1, 1, 1],
  } as const
  return { model, weights: new Map(weights), tokenizer: Tokenizer.fromJson(json, config), image }
}

function imagesOf({ model }: Bundle, number: number, count: number): Batch {
  const { size, channels } = model.inputs.image
  const noise = random(7, 'images', number)
  const pixels = Float32Array.from({ length: count * channels * size * size }, () => noise.normal())
  return {
    ids: Array.from({ length: count }, (_, i) => `${number}/${i}`),
    arrays: { pixelValues: float32([count, channels, size, size], pixels) },
  }
}

interface Entrant {
  readonly file: QuantizedFile
  readonly program: Program
  readonly singles: number[]
  readonly batches: number[]
}

async function measure(files: readonly QuantizedFile[], images: HostArray): Promise<Row[]> {
  const entrants: Entrant[] = []
  for (const file of files) {
    if (!file.path) continue
    const program = await new Engine().load(readFileSync(file.path), { optimize: true })
    entrants.push({ file, program, singles: [], batches: [] })
  }
  const [channels, height, width] = images.shape.slice(1) as [number, number, number]
  const one = float32(
    [1, channels, height, width],
    (images.data as Float32Array).slice(0, channels * height * width),
  )
  const features = await Promise.all(entrants.map(({ program }) => featuresOf(program, images)))
  await alternate(entrants.map((entrant) => () => takeTurn(entrant, one, images)))
  return files.map((file) => {
    const at = entrants.findIndex((entrant) => entrant.file === file)
    if (at === -1) return { name: file.name, skipped: file.skipped! }
    const error = new OutputError()
    error.add('images', { features: features[0]! }, { features: features[at]! })
    const { singles, batches } = entrants[at]!
    return {
      name: file.name,
      megabytes: statSync(file.path!).size / 1e6,
      signalToNoise: error.signalToNoise,
      cosine: error.cosine,
      latencyMilliseconds: median(singles),
      imagesPerSecond: (1000 * images.shape[0]!) / median(batches),
    }
  })
}

async function takeTurn(
  { program, singles, batches }: Entrant,
  one: HostArray,
  many: HostArray,
): Promise<void> {
  for (let i = 0; i < 5; i++) singles.push(await timed(() => program.run({ pixel_values: one })))
  for (let i = 0; i < 2; i++) batches.push(await timed(() => program.run({ pixel_values: many })))
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function featuresOf(program: Program, images: HostArray): Promise<Float32Array> {
  const [feature] = Object.values(await program.run({ pixel_values: images }))
  return toHost(feature!, 'float32')
}
