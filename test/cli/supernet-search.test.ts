import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { parseSource } from '../../src/data/index.ts'
import { readBundle } from '../../src/deploy/index.ts'
import { evaluate } from '../../src/recipes/index.ts'
import { visuomotor } from '../support/captured-output.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'

let home: string
let file: string
const at = (...path: string[]) => join(home, ...path)
const parts = { 'vision_model.*': { hidden: [0.25, 1], heads: [0.5, 1] } }

beforeAll(async () => {
  ;({ home, file } = await shapesRecipe())
})

function spaceOf(space: object): string {
  const path = at('space.json')
  writeFileSync(path, JSON.stringify(space))
  return path
}

test('a supernet is trained once, its sub-networks are judged with shared weights, and the best are bundles', async () => {
  const space = spaceOf({ supernet: { parts, random: 0, distil: true } })
  const settings = ['--space', space, '--sampler', 'grid', '--objectives', 'quality', '--epochs', '5']
  const few = ['--trials', '2', '--no-own']
  const out = ['--out', at('study'), '--json']
  const { code, notes, result } = await visuomotor('search-architecture', file, ...settings, ...few, ...out)
  expect(code, notes).toBe(0)
  const { counts, front } = JSON.parse(result)
  expect(counts).toEqual({ finished: 2 })
  const recipe = JSON.parse(readFileSync(at('study', 'supernet', 'recipe.json'), 'utf8'))
  expect(recipe).toMatchObject({
    supernet: { parts, random: 0, redrawSteps: 20, distil: true },
    epochs: 5,
    tests: {},
  })
  for (const { number, values, measured } of front) {
    const folder = at('study', 'found', String(number).padStart(4, '0'))
    const { weights } = readBundle(folder)
    const hidden = weights.get('vision_model.encoder.layers.0.mlp.fc1.weight')!.shape[0]
    expect(hidden).toBe(64 * values['vision_model.*/hidden'])
    const heads = weights.get('vision_model.encoder.layers.0.self_attn.q_proj.weight')!.shape[0]
    expect(heads).toBe(32 * values['vision_model.*/heads'])
    const { results } = await evaluate(folder, { data: { shapes: parseSource(`folder:${at('shapes')}`) } })
    const { imageToText } = results.shapes as unknown as { imageToText: Record<string, number> }
    expect(imageToText['R@1']).toBeCloseTo(measured.quality, 6)
  }
  expect(notes).toContain(`base=${at('study', 'found')}`)

  const summary = at('study', 'supernet', 'summary.json')
  const before = statSync(summary).mtimeMs
  const again = await visuomotor('search-architecture', '--resume', ...few, ...out)
  expect(again.code, again.notes).toBe(0)
  expect(JSON.parse(again.result).counts).toEqual(counts)
  expect(statSync(summary).mtimeMs).toBe(before)
})

test('what does not go together is refused before anything is trained', async () => {
  const refused = async (code: string, space: object, ...argv: string[]) => {
    const path = ['--space', spaceOf(space), '--out', at('refused')]
    const told = await visuomotor('search-architecture', file, ...path, ...argv)
    expect(told.code, told.notes).toBe(2)
    expect(told.notes).toContain(code)
    expect(existsSync(at('refused'))).toBe(false)
  }
  await refused('study/space', { supernet: { parts }, epochs: { kind: 'choice', values: [1] } })
  await refused('study/options', { supernet: { parts } }, '--pruner', 'asha')
  await refused('supernet', { supernet: { parts: { '*': { hidden: [0.5] } } } })
})
