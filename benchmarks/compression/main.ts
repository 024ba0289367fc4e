import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { OutputError } from '../../src/compression/quantization/output-error.ts'
import { type Batch, float32, type HostArray, hostArray, random } from '../../src/core/index.ts'
import { Tokenizer, trainBpe } from '../../src/data/text/index.ts'
import type { Bundle } from '../../src/deploy/index.ts'
import { Engine, type Program, toHost } from '../../src/engine/index.ts'
import { ClipModel } from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { cases, tinyCases } from '../cases.ts'
import { alternate } from '../rounds.ts'
import { median } from '../statistics.ts'
import { floatFile, type QuantizedFile, waysToQuantize } from './quantized-files.ts'

const usage = `node --import tsx/esm benchmarks/compression/main.ts [--tiny] [--all] [--threads N] [--json]

  Speed, size and quality of CLIP ViT-B/32's image tower with random weights in float32, in int8 as visuomotor compress --int8
  gives it, and by Python's onnxruntime.quantization ($VISUOMOTOR_PYTHON with peers/requirements.txt). All files run in our
  ONNX Runtime. What is known is printed at once. --all: also by our other ways, and Python's with 7 bits.`

const { values: options } = parseArgs({
  options: {
    tiny: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    threads: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** What is known of one file. */
interface Row {
  readonly name: string
  readonly skipped?: string
  readonly megabytes?: number
  readonly singleMilliseconds?: number
  readonly imagesPerSecond?: number
  readonly timesFloat?: number
  readonly signalToNoise?: number
  readonly cosine?: number
  readonly recall?: number
}

const start = performance.now()

if (options.help) console.log(usage)
else await benchmark()

async function benchmark(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-compression-'))
  try {
    const bundle = randomBundle()
    const subject = { bundle, passes: [] }
    const size = options.tiny ? 4 : 16
    const batches = [imagesOf(bundle, 0, size), imagesOf(bundle, 1, size)]
    const images = imagesOf(bundle, 99, options.tiny ? 4 : 32).arrays.pixelValues!
    const float = floatFile(directory, subject)
    const files = [float]
    const entrants = [await enter(float, images)]
    for (const { name, make } of waysToQuantize(directory, subject, batches, { float, all: options.all })) {
      tell(`quantizing: ${name}`)
      const file = await make()
      files.push(file)
      if (file.path === undefined) tell(`${name} is skipped: ${file.skipped}`)
      else entrants.push(await enter(file, images))
    }
    const rows = await measure(files, entrants, images)
    if (options.json) console.log(JSON.stringify(rows, undefined, 2))
    else console.table(rows)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function tell(text: string): void {
  console.error(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${text}`)
}

/** Weights as a model begins with. */
function randomBundle(): Bundle {
  const { config: whole } = options.tiny ? tinyCases.towers : cases.towers
  // The text tower is not measured: one layer of it saves the time to draw and to write the others.
  const model = new ClipModel({ ...whole, text_config: { ...whole.text_config, num_hidden_layers: 1 } })
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

/** Load a file and give it a first turn, after one to warm up, so that something is known at once. */
async function enter(file: QuantizedFile, images: HostArray): Promise<Entrant> {
  const engine = new Engine(options.threads === undefined ? {} : { threads: Number(options.threads) })
  const program = await engine.load(readFileSync(file.path!), { optimize: true })
  await program.run({ pixel_values: images })
  const entrant = { file, program, singles: [], batches: [] }
  await takeTurn(entrant, images)
  return entrant
}

/** Let all take turns, and compare their features with those of the first. */
async function measure(
  files: readonly QuantizedFile[],
  entrants: readonly Entrant[],
  images: HostArray,
): Promise<Row[]> {
  await alternate(entrants.map((entrant) => () => takeTurn(entrant, images)))
  const [float] = entrants
  const reference = await featuresOf(float!.program, images)
  const rows: Row[] = []
  for (const file of files) {
    const entrant = entrants.find((entrant) => entrant.file === file)
    rows.push(
      entrant ? await rowOf(entrant, float!, images, reference) : { name: file.name, skipped: file.skipped! },
    )
  }
  return rows
}

async function rowOf(
  { file, program, singles, batches }: Entrant,
  float: Entrant,
  images: HostArray,
  reference: Float32Array,
): Promise<Row> {
  const features = await featuresOf(program, images)
  const error = new OutputError()
  error.add('images', { features: reference }, { features })
  return {
    name: file.name,
    megabytes: statSync(file.path!).size / 1e6,
    singleMilliseconds: median(singles),
    imagesPerSecond: (1000 * images.shape[0]!) / median(batches),
    timesFloat: median(float.batches) / median(batches),
    signalToNoise: error.signalToNoise,
    cosine: error.cosine,
    recall: recallOf(features, reference, images.shape[0]!),
  }
}

/** Percent of the rows whose nearest row of the reference, by cosine after the mean of all is taken away, is their own. */
function recallOf(features: Float32Array, reference: Float32Array, rows: number): number {
  const [ours, theirs] = [features, reference].map((all) => centred(all, rows))
  const found = ours!.filter((row, i) => {
    const scores = theirs!.map((other) => row.reduce((sum, value, k) => sum + value * other[k]!, 0))
    return scores.every((score, j) => j === i || score < scores[i]!)
  })
  return (100 * found.length) / rows
}

function centred(features: Float32Array, rows: number): number[][] {
  const width = features.length / rows
  const means = Array.from({ length: width }, (_, k) => {
    let sum = 0
    for (let row = 0; row < rows; row++) sum += features[row * width + k]!
    return sum / rows
  })
  return Array.from({ length: rows }, (_, row) => {
    const values = means.map((mean, k) => features[row * width + k]! - mean)
    const norm = Math.hypot(...values)
    return values.map((value) => value / norm)
  })
}

async function takeTurn({ file, program, singles, batches }: Entrant, many: HostArray): Promise<void> {
  const shape = [1, ...many.shape.slice(1)]
  const one = float32(shape, (many.data as Float32Array).slice(0, many.data.length / many.shape[0]!))
  for (let i = 0; i < 5; i++) singles.push(await timed(() => program.run({ pixel_values: one })))
  for (let i = 0; i < 2; i++) batches.push(await timed(() => program.run({ pixel_values: many })))
  const single = median(singles).toFixed(1)
  const rate = ((1000 * many.shape[0]!) / median(batches)).toFixed(1)
  tell(`${file.name}: ${single} ms at batch 1, ${rate} images a second at batch ${many.shape[0]}`)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

async function featuresOf(program: Program, images: HostArray): Promise<Float32Array> {
  const [feature] = Object.values(await program.run({ pixel_values: images }))
  return (await toHost(feature!, 'float32')).slice()
}
