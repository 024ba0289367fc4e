import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type FeatureKey, FeatureStore } from './feature-store.ts'

const features = {
  imageIds: ['a', 'b'],
  imageConcepts: ['1', '2'],
  imageFeatures: Float32Array.of(1, 0, 0, 1),
  textIds: ['a', 'b', 'b'],
  textCaptions: [0, 0, 1],
  textConcepts: [['1'], ['2'], ['2', '1']],
  textFeatures: Float32Array.of(1, 0, 0, 1, 0.6, Number.NaN),
  width: 2,
}
const key: FeatureKey = {
  name: 'my photos',
  model: 'a'.repeat(64),
  data: 'data',
  variation: undefined,
  seed: 1,
}
const blurred: FeatureKey = { ...key, variation: { name: 'blur-3' } }

let directory: string
let notes: string[]
let store: FeatureStore

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'visuomotor-'))
  notes = []
  store = new FeatureStore(directory, (note) => notes.push(note))
})

test('features come back bit for bit, those of a variation under its name', () => {
  store.write(key, features)
  store.write(blurred, { ...features, imageFeatures: Float32Array.of(0, 1, 1, 0) })
  expect(store.read(key)).toEqual(features)
  expect(store.read(blurred)!.imageFeatures).toEqual(Float32Array.of(0, 1, 1, 0))
  expect(store.read({ ...blurred, seed: 2 })).toBeUndefined()
  expect(readdirSync(directory)).toEqual(
    expect.arrayContaining([
      'my_photos.aaaaaaaaaaaa.safetensors',
      expect.stringMatching(/^my_photos\.blur-3\./),
    ]),
  )
  expect(notes).toEqual([])
})

test('features of changed data are not used, and it is told', () => {
  store.write(key, features)
  expect(store.read({ ...key, data: 'changed' })).toBeUndefined()
  expect(notes).toEqual([
    expect.stringMatching(/my_photos\.a+\.safetensors is of other data: .* computed again$/),
  ])
})

test('features of another model are left alone, and it is told', () => {
  store.write(key, features)
  expect(store.read({ ...key, model: 'b'.repeat(64) })).toBeUndefined()
  expect(notes).toEqual([expect.stringContaining("keeps features of 'my photos' by other models")])
})

test('a damaged file is told and computed again; an empty folder needs no word', () => {
  expect(store.read(key)).toBeUndefined()
  expect(notes).toEqual([])
  writeFileSync(join(directory, 'my_photos.aaaaaaaaaaaa.safetensors'), 'damaged')
  expect(store.read(key)).toBeUndefined()
  expect(notes).toEqual([expect.stringContaining('is damaged: its features are computed again')])
})
