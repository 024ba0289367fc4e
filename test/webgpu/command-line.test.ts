import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { visuomotor } from '../support/captured-output.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'
import { hasSoftwareVulkan, noSoftwareVulkan, runOnSoftwareVulkan } from '../support/software-vulkan.ts'

const main = join(import.meta.dirname, '../../src/cli/main.ts')
const lossesOf = (run: string) =>
  readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .flatMap((line) => JSON.parse(line).loss ?? [])

it('train --device webgpu has the losses of the cpu and is tested, too', async ({ skip }) => {
  skip(!hasSoftwareVulkan, noSoftwareVulkan)
  const { home, file } = await shapesRecipe()
  const [onCpu, onWebGpu] = [join(home, 'cpu'), join(home, 'webgpu')]
  const short = ['--set', 'epochs=2', '--set', 'log.everySteps=1', '--json']
  const cpu = await visuomotor('train', file, ...short, '--out', onCpu)
  const webgpu = await runOnSoftwareVulkan<{ steps: number; results: object }>(
    main,
    ...['train', file, ...short, '--out', onWebGpu, '--device', 'webgpu'],
  )
  expect(JSON.parse(readFileSync(join(onWebGpu, 'recipe.json'), 'utf8'))).toMatchObject({
    machine: { device: 'webgpu' },
  })
  expect(webgpu.steps).toBe(4)
  expect(webgpu.results).toEqual(JSON.parse(cpu.result).results)
  const expected = lossesOf(onCpu)
  const differences = lossesOf(onWebGpu).map((loss, i) => Math.abs(loss / expected[i]! - 1))
  expect(differences).toHaveLength(4)
  expect(Math.max(...differences)).toBeLessThan(1e-4)
}, 600_000)
