import { expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import { importanceOf } from './importance.ts'
import { choice, range } from './parameter.ts'
import { drawUniformly } from './samplers/index.ts'
import { parseSpace } from './space.ts'

const space = parseSpace({
  strong: range(0, 1),
  weak: choice([0, 1, 2]),
  nothing: range(1e-3, 1, { log: true }),
  rare: choice([1, 2], { when: { weak: [2] } }),
})

it('orders values by what they explain, and finds nothing where there is nothing', () => {
  const stream = random(2, 'importance')
  const trials = Array.from({ length: 120 }, (_, number) => {
    const values = drawUniformly(space, stream)
    const quality = 10 * (values.strong as number) + 1.2 * (values.weak as number) + stream.normal()
    return {
      number,
      origin: 'sampler',
      values,
      state: 'finished',
      reports: [],
      measured: { quality },
      seconds: 1,
    } as const
  })
  const found = importanceOf(space, trials)
  expect(found.map(({ path }) => path).slice(0, 2)).toEqual(['strong', 'weak'])
  const share = (path: string) => found.find((each) => each.path === path)!.share
  expect(share('strong')).toBeGreaterThan(0.7)
  expect(share('weak')).toBeGreaterThan(0.02)
  expect(share('nothing')).toBeLessThan(0.05)
  expect(found.find(({ path }) => path === 'rare')!.trials).toBeLessThan(60)
  expect(importanceOf(space, trials.slice(0, 2))).toEqual([])
})
