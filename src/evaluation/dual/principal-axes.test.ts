import { expect, test } from 'vitest'
import golden from '../../../test/golden/evaluation/pca.json' with { type: 'json' }
import { principalPlaces } from './principal-axes.ts'

test('principal components are those of scikit-learn', () => {
  const { places, explained } = principalPlaces(Float32Array.from(golden.rows), golden.width)
  for (const [row, place] of golden.places.entries())
    for (const axis of [0, 1]) expect(places[row]![axis], `row ${row}`).toBeCloseTo(place[axis]!, 6)
  for (const axis of [0, 1]) expect(explained[axis]).toBeCloseTo(golden.explained[axis]!, 6)
})

test('rows on a line lie on the first axis, equal rows in one point', () => {
  const line = principalPlaces(Float32Array.of(0, 0, 3, 4, 6, 8), 2)
  expect(line.places.map(([x]) => Number(x.toFixed(9)))).toEqual([-5, 0, 5])
  expect(line.places.map(([, y]) => Number(y.toFixed(9)))).toEqual([0, 0, 0])
  expect(line.explained[0]).toBeCloseTo(1, 12)
  const point = principalPlaces(Float32Array.of(1, 2, 1, 2), 2)
  expect(point).toEqual({
    places: [
      [0, 0],
      [0, 0],
    ],
    explained: [0, 0],
  })
})
