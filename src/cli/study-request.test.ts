import { expect, test } from 'vitest'
import { limitsOf } from './study-request.ts'

test('a worker that names no limits has those with which the study began', () => {
  expect(limitsOf({}, 'tpe')).toEqual({ trials: 20, trialMinutes: 60 })
  expect(limitsOf({}, 'grid')).toEqual({ trials: undefined, trialMinutes: 60 })
  expect(limitsOf({}, 'tpe', { trials: 200, trialMinutes: 5 })).toEqual({ trials: 200, trialMinutes: 5 })
  expect(limitsOf({ trials: 40, trialMinutes: 9 }, 'tpe', { trials: 200, trialMinutes: 5 })).toEqual({
    ...{ trials: 40, trialMinutes: 9 },
  })
})
