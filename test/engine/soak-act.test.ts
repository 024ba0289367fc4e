import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('a policy acts many times without growing', async () => {
  const script = join(import.meta.dirname, 'soak-act.ts')
  const flags = ['--expose-gc', '--import', 'tsx', script, '500']
  const { stdout } = await promisify(execFile)(process.execPath, flags)
  const { before, after, p99, calls } = JSON.parse(stdout)
  console.log(`a tiny policy, one core: p99 of ${calls} calls ${p99.toFixed(2)} ms`)
  expect(after - before).toBeLessThan(20)
})
