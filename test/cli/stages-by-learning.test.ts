import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { random } from '../../src/core/index.ts'
import { train } from '../../src/recipes/index.ts'
import type { StageRecord } from '../../src/report/index.ts'
import { readMetricsLog, type ValidationRecord } from '../../src/training/index.ts'
import { drawShapes } from '../support/drawn-shapes.ts'

const tower = { hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2 }
const labels = { colour: { kind: 'class', classes: 6 }, luck: { kind: 'class', classes: 6 } }

/**
 * Drawings in six colours, to be learned from three shapes and told of the fourth. `luck` is drawn by lot: nothing
 * that is learned of it says anything about others.
 */
async function drawLabelled(directory: string): Promise<void> {
  await drawShapes(directory)
  const rows = readFileSync(join(directory, 'captions.jsonl'), 'utf8').trim().split('\n')
  const colours: string[] = []
  const lot = random(11, 'luck')
  const labelled = rows.map((row) => {
    const { file } = JSON.parse(row) as { file: string }
    const colour = file.split('-')[0]!
    if (!colours.includes(colour)) colours.push(colour)
    const numbers = { colour: [colours.indexOf(colour)], luck: [lot.integer(6)] }
    return JSON.stringify({ file, captions: ['which is it?'], ...numbers })
  })
  const isHeldOut = (row: string) => row.includes('-cross.png')
  const write = (name: string, chosen: readonly string[]) =>
    writeFileSync(join(directory, name), chosen.map((row) => `${row}\n`).join(''))
  write(
    'train.jsonl',
    labelled.filter((row) => !isHeldOut(row)),
  )
  write('validation.jsonl', labelled.filter(isHeldOut))
}

const recipe = (directory: string) => {
  const drawings = (captions: string) => ({ kind: 'folder', directory, captions, labels })
  return {
    name: 'colours',
    data: drawings('train.jsonl'),
    validation: { data: drawings('validation.jsonl'), everyEpochs: 2 },
    texts: { vocabularySize: 560 },
    model: {
      model_type: 'visuomotor_policy',
      vision_config: { ...tower, image_size: 32, patch_size: 8 },
      text_config: { ...tower, max_position_embeddings: 12 },
      fusion_config: tower,
      shared_size: 32,
      dropout: 0,
      heads: {
        luck: { kind: 'classification', label: 'luck', classes: 6, hidden: [32] },
        colour: { kind: 'classification', label: 'colour', classes: 6, hidden: [32] },
      },
    },
    objective: { kind: 'imitation' },
    optimizer: { kind: 'adamW', learningRate: 3e-3 },
    schedule: { kind: 'constant' },
    parameters: [{ pattern: 'heads.*', learningRate: 1 }],
    batches: { size: 6 },
    epochs: 1,
    machine: { workers: 0 },
    stages: [
      { name: 'luck', heads: ['luck'], threshold: 0.8, epochs: 6, repeats: 2, batches: { size: 6 } },
      { name: 'colour', heads: ['colour'], threshold: 0.8, epochs: 60, repeats: 2, batches: { size: 6 } },
    ],
  } as unknown as Parameters<typeof train>[0]
}

describe('stages with a threshold', () => {
  let run: string
  let records: readonly StageRecord[]

  beforeAll(async () => {
    const home = mkdtempSync(join(tmpdir(), 'visuomotor-'))
    await drawLabelled(join(home, 'drawings'))
    run = join(home, 'run')
    const { summary } = await train(recipe(join(home, 'drawings')), { out: run, callbacks: [] })
    records = summary!.stages!
  }, 120_000)

  /** What the validations of a training reached, one after the other. */
  const reached = ({ directory, heads }: StageRecord) =>
    readMetricsLog(join(run, directory, 'metrics.jsonl'))
      .filter((record): record is ValidationRecord => 'validation' in record)
      .map(({ validation }) => (validation[heads[0]!] as { success: number }).success)

  test('are not passed by what cannot be learned, and use their repeats up', () => {
    const luck = records.filter(({ stage }) => stage === 'luck')
    expect(luck.map(({ repeat, passed }) => [repeat, passed])).toEqual([
      [1, false],
      [2, false],
    ])
    for (const record of luck) {
      expect(Math.max(...reached(record))).toBeLessThan(0.8)
      expect(record.best!.value).toBe(Math.max(...reached(record)))
      // The whole budget.
      expect(record.epochs).toBe(6)
    }
  })

  test('are passed by learning: below the threshold first, then above it, and over at once', () => {
    const colour = records.filter(({ stage }) => stage === 'colour')
    expect(colour.map(({ repeat, passed }) => [repeat, passed])).toEqual([[1, true]])
    const successes = reached(colour[0]!)
    expect(successes.length).toBeGreaterThan(1)
    expect(successes.slice(0, -1).every((success) => success < 0.8)).toBe(true)
    expect(successes.at(-1)!).toBeGreaterThanOrEqual(0.8)
    expect(colour[0]!.best!.value).toBe(successes.at(-1))
    expect(colour[0]!.epochs).toBeLessThan(60)
  })
})
