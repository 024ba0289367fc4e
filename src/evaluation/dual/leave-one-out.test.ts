import { expect, test } from 'vitest'
import { random } from '../../core/index.ts'
import { alignment, featureGeometry } from '../../metrics/index.ts'
import { gatheredRows } from './feature-rows.ts'
import { jackknifed, jackknifeInterval, leaveOneOut } from './leave-one-out.ts'

const [rows, width] = [30, 5]

function unitRows(name: string): Float32Array {
  const stream = random(4, name)
  const features = Float32Array.from({ length: rows * width }, () => stream.normal() + 0.3)
  return features.map((value, i) => {
    const start = width * Math.floor(i / width)
    return value / Math.hypot(...features.subarray(start, start + width))
  })
}

const [images, texts] = [unitRows('images'), unitRows('texts')]
const concepts = Array.from({ length: rows }, (_, row) => `concept ${row % 11}`)
const classes = Array.from({ length: rows }, (_, row) => row % 4)

test('statistics without a row are those of the other rows', () => {
  const without = leaveOneOut({ images, texts, width, concepts, classes })
  for (const row of [0, 7, rows - 1]) {
    const others = Array.from({ length: rows }, (_, other) => other).filter((other) => other !== row)
    const [imageFeatures, textFeatures] = [images, texts].map((features) =>
      gatheredRows(features, width, others),
    )
    const left = {
      ...alignment({
        imageFeatures: imageFeatures!,
        textFeatures: textFeatures!,
        width,
        concepts: others.map((other) => concepts[other]!),
      }),
      ...featureGeometry({ features: imageFeatures!, width, labels: others.map((other) => classes[other]!) }),
    }
    for (const name of jackknifed)
      expect(without[name][row], `${name} without ${row}`).toBeCloseTo(left[name], 6)
  }
})

test('the interval of a mean is that of its standard error', () => {
  const values = [1, 2, 4, 9]
  const without = Float64Array.from(values, (value) => (16 - value) / 3)
  // variance of the sample 12.667 (n − 1), of the mean 3.1667
  const [low, high] = jackknifeInterval(4, without)
  expect(low).toBeCloseTo(4 - 1.959963984540054 * Math.sqrt(38 / 3 / 4), 12)
  expect(high).toBeCloseTo(4 + 1.959963984540054 * Math.sqrt(38 / 3 / 4), 12)
})
