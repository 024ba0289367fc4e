import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runScript } from '../support/run-script.ts'

it('a policy acts many times without growing', async () => {
  const script = join(import.meta.dirname, 'soak-act.ts')
  const stdout = await runScript(script, { args: ['500'], flags: ['--expose-gc'] })
  const { before, after, p99, calls } = JSON.parse(stdout)
  console.log(`a tiny policy, one core: p99 of ${calls} calls ${p99.toFixed(2)} ms`)
  expect(after - before).toBeLessThan(20)
})
