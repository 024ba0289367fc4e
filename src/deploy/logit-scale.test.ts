import { expect, test } from 'vitest'
import { readSafetensors } from '../core/index.ts'
import { readLogitScale } from './logit-scale.ts'

const golden = (path: string) => new URL(`../../test/golden/${path}`, import.meta.url).pathname

test.each(['clip/quick-gelu', 'siglip/gelu-tanh'])('%s: exp of the learned logarithm', (folder) => {
  const { tensors } = readSafetensors(`${golden(folder)}/model.safetensors`, (name) => name === 'logit_scale')
  const logarithm = Number(tensors.get('logit_scale')!.data[0])
  expect(Number.isFinite(logarithm)).toBe(true)
  expect(readLogitScale(golden(folder))).toBeCloseTo(Math.exp(logarithm), 10)
})
