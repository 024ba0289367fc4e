import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LogRecord } from '../../src/training/index.ts'
import { readMetricsLog } from '../../src/training/index.ts'
import { visuomotor } from '../support/captured-output.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'
import { installedLaunchers, startMembers } from './mpirun.ts'

const [launcher] = installedLaunchers()
if (!launcher)
  console.warn('no mpirun.openmpi or mpirun.mpich: the test of members in processes of their own is skipped')

const lossesOf = (run: string): number[] =>
  readMetricsLog(join(run, 'metrics.jsonl')).flatMap((record) =>
    'loss' in record ? [(record as LogRecord).loss] : [],
  )

test.skipIf(!launcher)('two members train the model of one, and rank 0 alone talks', async () => {
  const { home, file } = await shapesRecipe()
  const [one, two] = [join(home, 'one'), join(home, 'two')]
  const set = ['epochs=3', 'log.everySteps=1', 'machine.threads=1', 'tests={}'].flatMap((value) => [
    '--set',
    value,
  ])
  const members = startMembers(launcher!, 2, ['train', file, '--out', two, ...set, '--json'])
  expect((await visuomotor('train', file, '--out', one, ...set)).code).toBe(0)
  const { code, result, notes } = await members.ended
  expect(code, notes).toBe(0)
  expect(notes.match(/^training .*$/gm)).toEqual([
    expect.stringMatching(/ with 2 members \((Open MPI|MPICH).*\)$/),
  ])
  expect(JSON.parse(result)).toMatchObject({ directory: two, steps: 6 })
  const [alone, together] = [lossesOf(one), lossesOf(two)]
  expect(alone).toHaveLength(6)
  for (const [step, loss] of alone.entries()) expect(together[step]).toBeCloseTo(loss, 5)
})
