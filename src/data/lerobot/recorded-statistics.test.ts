import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sampledFrames } from './recorded-picture.ts'
import {
  mergeStatistics,
  pictureStatistics,
  type RecordedStatistics,
  statisticNames,
  vectorStatistics,
} from './recorded-statistics.ts'

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../test/golden/lerobot/statistics.json'), 'utf8'),
)

const vectors = (frames: number, shift: number): number[] =>
  Array.from({ length: frames }, (_, i) => [
    Math.sin(0.37 * i + shift),
    100 + ((i * i + shift) % 17),
    0.25,
  ]).flat()

function expectEqual(own: RecordedStatistics, told: Record<string, number[]>): void {
  expect([own.count]).toEqual(told.count)
  for (const name of statisticNames)
    own[name].forEach((value, i) => void expect(value, `${name} ${i}`).toBeCloseTo(told[name]![i]!, 6))
}

describe('statistics are those of LeRobot', () => {
  test('of vectors over frames', () => {
    expectEqual(vectorStatistics(vectors(50, 0), 3), golden.first)
    expectEqual(vectorStatistics(vectors(1, 0), 3), golden.single)
  })

  test('of episodes together', () => {
    const both = mergeStatistics(vectorStatistics(vectors(50, 0), 3), vectorStatistics(vectors(80, 2), 3))
    expectEqual(both, golden.both)
  })

  test('of pictures', () => {
    const tally = new Float64Array(3 * 256)
    for (let f = 0; f < 9; f++)
      for (let c = 0; c < 3; c++)
        for (let y = 0; y < 6; y++)
          for (let x = 0; x < 8; x++) tally[256 * c + ((f * 7 + c * 40 + y * x * 5) % 256)]! += 1
    expectEqual(pictureStatistics(tally, 9), golden.pictures)
  })

  test('which read these frames of an episode', () => {
    for (const [frames, told] of Object.entries(golden.sampled)) {
      const own = sampledFrames(Number(frames))
      expect(frames === '600' ? [...own.slice(0, 30), ...own.slice(-3)] : own).toEqual(told)
    }
  })
})
