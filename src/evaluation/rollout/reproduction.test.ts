import { expect, test } from 'vitest'
import { episodeDifference } from './reproduction.ts'

const tried = (distance: number, predictions = 'a') =>
  ({
    episode: { number: 4 },
    predictions,
    outcomes: { navigation: { success: true, measures: { distance } } },
  }) as never

test('an episode of the same bits has no difference, one of another last bit has', () => {
  const distance = 0.1 + 0.2
  const written = JSON.parse(JSON.stringify(tried(distance)))
  expect(episodeDifference(written, tried(distance), 3)).toBeUndefined()
  const path = 'outcomes.navigation.measures.distance'
  expect(episodeDifference(written, tried(0.3), 3)).toEqual({ episode: 3, path, before: distance, now: 0.3 })
  expect(episodeDifference(written, tried(distance, 'b'), 3)).toMatchObject({ path: 'predictions', now: 'b' })
  expect(episodeDifference(written, undefined, 3)).toMatchObject({ path: '', now: undefined })
})
