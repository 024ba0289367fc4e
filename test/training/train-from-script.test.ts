import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { train } from '../../src/index.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'

test('a script that trains shows progress on stderr, and none when nobody is to watch', async () => {
  const { home, file } = await shapesRecipe()
  const { default: recipe } = await import(file)
  const run = join(home, 'run')
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await train({ ...recipe(), batches: { size: 48 }, epochs: 4 }, { out: run })
  const told = write.mock.calls.map(([text]) => String(text).trimEnd())
  await train({ ...recipe(), epochs: 2 }, { out: run, callbacks: [] })
  const toldInSilence = write.mock.calls.length - told.length
  write.mockRestore()
  expect(told).toEqual([
    `training folder(${join(home, 'shapes')}) in ${run}`,
    expect.stringMatching(/^warning: batches\.size 48 is more than the 24 samples of folder/),
    expect.stringMatching(/^warning: schedule\.warmupSteps 4, but the run has 2 steps in all/),
    expect.stringMatching(/^step 1\/2 {2}the first took .* s, with compiling$/),
    expect.stringMatching(/^step 2\/2 .* loss /),
    'testing Shapes',
    expect.stringMatching(/^2 steps in .* samples per second/),
    `report: ${join(run, 'report.html')}`,
  ])
  expect(toldInSilence).toBe(0)
})
