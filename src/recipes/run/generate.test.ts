import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { generation } from '../recipe/generation.ts'
import { generateData } from './generate.ts'

const home = mkdtempSync(join(tmpdir(), 'generate-data-'))
afterAll(() => rmSync(home, { recursive: true }))

const directory = join(home, 'scenes')
const small = { kind: 'tabletop', directory, scenes: 8, size: 32, smooth: false }

it('makes the scenes of a recipe once, and refuses to put others into their place', async () => {
  const missing: number[] = []
  const progress = { onStart: (count: number) => missing.push(count) }
  await generateData(generation.parse(small), progress)
  const { options } = JSON.parse(readFileSync(join(directory, 'dataset.json'), 'utf8'))
  expect(options).toMatchObject({ scenes: 8, size: 32, seed: 0 })
  expect(options).not.toHaveProperty('randomization')
  const shard = join(directory, 'train-00000.tar')
  const { mtimeMs } = statSync(shard)
  await generateData(generation.parse(small), progress)
  expect(missing).toEqual([8, 0])
  expect(statSync(shard).mtimeMs).toBe(mtimeMs)
  await expect(generateData(generation.parse({ ...small, seed: 1 }))).rejects.toThrow(/seed/)
})

it('varies light, surfaces and camera by the usual ranges or by given ones', async () => {
  const ranges = async (randomize: unknown, name: string) => {
    const options = generation.parse({ ...small, directory: join(home, name), scenes: 4, randomize })
    await generateData(options)
    return JSON.parse(readFileSync(join(home, name, 'dataset.json'), 'utf8')).options.randomization
  }
  expect(await ranges(true, 'usual')).toMatchObject({ lighting: { hue: [-0.02, 0.02] } })
  expect(await ranges({ camera: { noise: [0.1, 0.2] } }, 'given')).toMatchObject({
    camera: { noise: [0.1, 0.2] },
  })
  await expect(ranges({ camera: { nois: [0, 1] } }, 'wrong')).rejects.toThrow("did you mean 'noise'?")
})
