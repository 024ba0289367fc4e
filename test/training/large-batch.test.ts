import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const home = mkdtempSync(join(tmpdir(), 'visuomotor-'))

/** Gradients of a batch, and the MiB that they took, in a process of its own. */
async function step(samples: number, pieces: number | 'features') {
  const script = join(import.meta.dirname, 'gradient-of-large-batch.ts')
  const file = join(home, `${samples}-${pieces}.json`)
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--import', 'tsx', script],
    ...[`${samples}`, `${pieces}`, file],
  ])
  const content = JSON.parse(readFileSync(file, 'utf8')) as {
    loss: number
    gradients: Record<string, number[]>
  }
  return { ...content, mebibytes: Number(stdout) }
}

it('a contrastive batch of 4,096 has in the memory of 256 the gradient of the whole', async () => {
  const [whole, cached] = [await step(4096, 4096), await step(4096, 256)]
  const [small, loss] = [await step(256, 256), await step(4096, 'features')]
  expect(Math.abs(cached.loss - whole.loss)).toBeLessThan(1e-5 * whole.loss)
  const norm = (values: number[]) => Math.hypot(...values)
  const all = norm(Object.values(whole.gradients).flat())
  for (const [name, values] of Object.entries(whole.gradients)) {
    const error = norm(values.map((value, i) => value - cached.gradients[name]![i]!))
    // Gradients that are rounding alone, as of the keys' biases, are compared with the whole.
    expect(error, name).toBeLessThan(1e-5 * Math.max(norm(values), 0.01 * all))
  }
  console.log({
    whole: whole.mebibytes,
    cached: cached.mebibytes,
    small: small.mebibytes,
    loss: loss.mebibytes,
  })
  // What compares all samples, 4,096² similarities, is there in any case; the towers take what 256 samples take.
  expect(cached.mebibytes).toBeLessThan(loss.mebibytes + 1.25 * small.mebibytes)
  expect(whole.mebibytes).toBeGreaterThan(loss.mebibytes + 4 * small.mebibytes)
})
