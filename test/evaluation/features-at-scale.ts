// The evaluator `features` over made-up features, and the memory of its process:
//   node --import tsx test/evaluation/features-at-scale.ts [rows] [width] [threads]
import { random } from '../../src/core/index.ts'
import { features, featuresEvaluator } from '../../src/evaluation/dual/features.ts'
import { blockProducts } from '../../src/evaluation/suite/block-products.ts'
import { fakeData, fakeSubject } from '../support/dual-subject.ts'

const [rows = 100_000, width = 512, threads] = process.argv.slice(2).map(Number)
const classes = 100

/** Unit vectors about the middles of classes, so that the space has a shape to find. */
function clustered(name: string): Float32Array {
  const [middles, noise] = [random(7, 'middles'), random(7, name)]
  const centres = Float32Array.from({ length: classes * width }, () => middles.normal(0, 1))
  const vectors = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    const vector = vectors.subarray(row * width, (row + 1) * width)
    const centre = (row % classes) * width
    for (let k = 0; k < width; k++) vector[k] = centres[centre + k]! + noise.normal(0, 1)
    const length = Math.hypot(...vector)
    for (let k = 0; k < width; k++) vector[k]! /= length
  }
  return vectors
}

const names = Array.from({ length: classes }, (_, index) => `class ${index}`)
const ids = Array.from({ length: rows }, (_, row) => `made-up/${row}`)
const { source } = fakeData({ width: 1, images: [1], classes: [0], names })
const samples = ids.map((id, row) => ({
  ...{ id, image: { file: id }, captions: [`caption ${row}`], origin: { file: 'made up' } },
  labels: { class: [row % classes] },
}))
const data = {
  ...{ imageIds: ids, textIds: ids, textCaptions: ids.map(() => 0), width },
  ...{ imageFeatures: clustered('images'), textFeatures: clustered('captions') },
  imageConcepts: ids,
  textConcepts: ids.map((id) => [id]),
  samples: new Map(samples.map((sample) => [sample.id, sample])),
}
const begin = performance.now()
const subject = {
  ...fakeSubject({ source, features: data }),
  products: (columns: number) => blockProducts(columns, { threads }),
}
const { metrics } = await featuresEvaluator.evaluate(
  subject,
  featuresEvaluator.schema.parse(features({ map: false })),
)
for (const [path, { value, interval }] of Object.entries(metrics))
  console.log(
    `${path.padEnd(24)} ${value.toFixed(6)}${interval ? `  (${interval.map((end) => end.toFixed(6)).join(' to ')})` : ''}`,
  )
const processor = process.cpuUsage()
console.log(
  `${rows} × ${width}: ${((performance.now() - begin) / 1000).toFixed(0)} s, ` +
    `${((processor.user + processor.system) / 1e6).toFixed(0)} s of processor time, ` +
    `peak ${(process.resourceUsage().maxRSS / 1024 ** 2).toFixed(2)} GiB`,
)
