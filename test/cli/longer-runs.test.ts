import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { visuomotor } from '../support/captured-output.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'

describe('a finished run with more epochs', () => {
  let run: string
  let file: string
  const lines = () => readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')
  const resume = (...argv: string[]) => visuomotor('train', '--resume', '--out', run, ...argv)

  beforeAll(async () => {
    const made = await shapesRecipe()
    ;({ file } = made)
    run = join(made.home, 'run')
    const { code, notes } = await visuomotor('train', file, '--out', run, '--epochs', '6')
    expect(code, notes).toBe(0)
  })

  test.each([
    ['6', 2, /run\/epochs.*it has done 6 of them/],
    ['0', 2, /cli\/usage.*number above 0/],
    ['many', 2, /cli\/usage.*number above 0/],
  ])('is refused with --epochs %s', async (epochs, code, message) => {
    const refused = await resume('--epochs', epochs)
    expect(refused).toMatchObject({ code, notes: expect.stringMatching(message) })
    expect(existsSync(join(run, 'summary.json'))).toBe(true)
  })

  test('stays as it was when its data is refused', async () => {
    const captions = join(run, '..', 'shapes', 'captions.jsonl')
    const rows = readFileSync(captions, 'utf8')
    writeFileSync(captions, rows.split('\n').slice(1).join('\n'))
    const before = readdirSync(run)
    const { code, notes } = await resume('--epochs', '10')
    writeFileSync(captions, rows)
    expect(readdirSync(run)).toEqual(before)
    expect(notes).not.toContain('now spans')
    expect({ code, notes }).toMatchObject({ code: 1, notes: expect.stringContaining('data/source-changed') })
    expect(JSON.parse(readFileSync(join(run, 'recipe.json'), 'utf8')).epochs).toBe(6)
    expect(existsSync(join(run, 'summary.json'))).toBe(true)
    expect(existsSync(join(run, 'report.html'))).toBe(true)
  })

  test('goes on where it ended, at the learning rates of the longer schedule, and says so', async () => {
    const before = lines()
    const { code, notes } = await resume('--epochs', '10')
    expect(code, notes).toBe(0)
    // cosine with 4 steps of warm-up: (1 + cos(π · (step − 5) / (total − 4))) / 2
    const factor = (step: number, total: number) => (1 + Math.cos((Math.PI * (step - 5)) / (total - 4))) / 2
    expect(notes).toContain('epochs 6 → 10: 20 steps in all instead of 12, from step 13 on')
    expect(notes).toContain(
      `schedule cosine now spans all 20 steps: step 13 learns at ${(100 * factor(13, 20)).toFixed(1)} % of the learning ` +
        `rate 0.003, after ${(100 * factor(12, 12)).toFixed(1)} % before`,
    )
    expect(lines().slice(0, before.length)).toEqual(before)
    const [last] = lines()
      .map((line) => JSON.parse(line))
      .filter(({ step, loss }) => step === 20 && loss)
    const mean = [16, 17, 18, 19, 20].reduce((sum, step) => sum + factor(step, 20), 0) / 5
    expect(last.learningRate).toBeCloseTo(3e-3 * mean, 8)
    expect(JSON.parse(readFileSync(join(run, 'recipe.json'), 'utf8')).epochs).toBe(10)
    expect(JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')).steps).toBe(20)
  })

  test('stays as long when it is resumed again', async () => {
    const { code, notes } = await resume('--json')
    expect(code, notes).toBe(0)
    expect(notes).not.toContain('epochs')
  })

  test('is refused where its validation ended it', async () => {
    const out = join(run, '..', 'early')
    const stop = ['--set', 'validation.stopAt=0', '--set', 'validation.everyEpochs=1']
    const early = await visuomotor('train', file, '--out', out, ...stop)
    expect(early.code, early.notes).toBe(0)
    const refused = await visuomotor('train', '--resume', '--out', out, '--epochs', '30')
    expect(refused).toMatchObject({
      code: 2,
      notes: expect.stringMatching(/run\/epochs.*validation\.stopAt/),
    })
  })
})
