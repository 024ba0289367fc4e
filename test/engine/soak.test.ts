import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runScript } from '../support/run-script.ts'

interface Owned {
  readonly values: number
  readonly bindings: number
  readonly sessions: number
  readonly mebibytes: number
}

const soak = async (...counts: number[]) => {
  const script = join(import.meta.dirname, 'soak.ts')
  const stdout = await runScript(script, { args: counts.map(String), flags: ['--expose-gc'] })
  return JSON.parse(stdout) as { before: Owned; after: Owned; losses: number[] }
}

it('loses nothing when everything is collected after every step', async () => {
  const { before, after, losses } = await soak(40, 40, 1)
  expect({ ...after, mebibytes: 0 }).toEqual({ ...before, mebibytes: 0 })
  expect(losses[1]).toBeLessThan(losses[0]!)
})

it('keeps memory flat over many steps and inferences', async () => {
  const { before, after } = await soak(500, 2000)
  expect({ ...after, mebibytes: 0 }).toEqual({ ...before, mebibytes: 0 })
  expect(after.mebibytes - before.mebibytes).toBeLessThan(20)
})
