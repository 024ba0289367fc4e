import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { ConfigError, float32, ShapeError } from '../core/index.ts'
import { constant, gradients, input, l2Normalize, type Tensor } from '../graph/index.ts'
import {
  affinityLosses,
  attentionDivergences,
  featureDistances,
  interactiveLosses,
  matchingTargets,
  relationalDistances,
  similarityDivergences,
  softenedDivergences,
} from './index.ts'
import { distinctConcepts } from './matching.ts'

// Gradients against central differences: test/gradients.

type Rows = readonly (readonly number[])[]

interface Case {
  readonly name: string
  readonly loss: 'softened' | 'attention' | 'similarity' | 'affinity' | 'feature' | 'relational'
  readonly student: Rows
  readonly teacher: Rows
  readonly temperature: number
  readonly rows: readonly number[]
  readonly gradient: Rows
}

const golden: {
  readonly cases: readonly Case[]
  readonly interactive: {
    readonly images: Rows
    readonly texts: Rows
    readonly teacher: { readonly images: Rows; readonly texts: Rows }
    readonly scale: number
    readonly rows: readonly number[]
    readonly gradients: { readonly images: Rows; readonly texts: Rows }
  }
} = JSON.parse(readFileSync(new URL('../../test/golden/losses/distillation.json', import.meta.url), 'utf8'))

const losses: Record<Case['loss'], (student: Tensor, teacher: Tensor, temperature: number) => Tensor> = {
  softened: softenedDivergences,
  attention: (scores, teacher) => attentionDivergences(scores, teacher.softmax()),
  similarity: similarityDivergences,
  affinity: affinityLosses,
  feature: (student, teacher) => featureDistances(l2Normalize(student), teacher),
  relational: relationalDistances,
}

const array = (rows: Rows) => float32([rows.length, rows[0]!.length], rows.flat())

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length)
  const scale = Math.max(1, ...expected.map(Math.abs))
  for (const [i, value] of actual.entries()) {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * scale)
  }
}

test.each(golden.cases)('$name as PyTorch', async (each) => {
  const student = input('student', array(each.student).shape)
  const rows = losses[each.loss](student, constant(array(each.teacher)), each.temperature)
  const gradient = gradients(rows.mean(), [student])[0]!
  const found = await evaluate({ rows, gradient }, { student: array(each.student) })
  expectNear(found.rows!, each.rows)
  expectNear(found.gradient!, each.gradient.flat())
})

test('interactive contrastive learning as PyTorch', async () => {
  const { images, texts, teacher, scale, ...expected } = golden.interactive
  const leaves = [input('images', array(images).shape), input('texts', array(texts).shape)] as const
  const known = { images: constant(array(teacher.images)), texts: constant(array(teacher.texts)) }
  const options = { logitScale: constant(float32([], [scale])), ...matchingTargets(distinctConcepts(4)) }
  const rows = interactiveLosses(...leaves, known, options)
  const [byImages, byTexts] = gradients(rows.mean(), [...leaves]) as [Tensor, Tensor]
  const found = await evaluate({ rows, byImages, byTexts }, { images: array(images), texts: array(texts) })
  expectNear(found.rows!, expected.rows)
  expectNear(found.byImages!, expected.gradients.images.flat())
  expectNear(found.byTexts!, expected.gradients.texts.flat())
})

describe('what cannot be compared', () => {
  const [a, b] = [input('a', [3, 4]), input('b', [3, 5])]

  it.each([
    ['logits of other classes', () => softenedDivergences(a, b, 4)],
    ['attentions over other grids', () => attentionDivergences(a, b)],
    ['similarities of other batches', () => similarityDivergences(a, a, 4)],
    ['affinities of other batches', () => affinityLosses(a, b)],
    ['features of another width', () => featureDistances(a, b)],
    ['relations of other batches', () => relationalDistances(a, input('c', [2, 4]))],
  ])('%s are refused', (_, build) => {
    expect(build).toThrow(ShapeError)
    expect(build).toThrow(/^distillation\(/)
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('nor is there a temperature %d', (temperature) => {
    for (const loss of [softenedDivergences, affinityLosses]) {
      const build = () => loss(input('c', [3, 3]), input('d', [3, 3]), temperature)
      expect(build).toThrow(ConfigError)
      expect(build).toThrow(/above 0/)
    }
  })
})
