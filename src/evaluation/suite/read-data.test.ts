import { expect, test } from 'vitest'
import { DataError } from '../../core/index.ts'
import type { Sample, Source } from '../../data/index.ts'
import { readData } from './read-data.ts'

const sample = (id: string, byte = 1): Sample => ({
  ...{ id, image: { bytes: Uint8Array.of(byte) }, captions: ['a word'], origin: { file: id } },
})
const sourceOf = (...samples: (Sample | DataError)[]): Source => ({
  name: 'given',
  async *samples({ onBad } = {}) {
    for (const each of samples) {
      if (!(each instanceof DataError)) yield each
      else if (onBad) onBad(each)
      else throw each
    }
  },
})
const digest = async (...samples: Sample[]) => (await readData('set', sourceOf(...samples), 'fail')).sha256

test('the same samples have one digest; another order, caption, label or pixel has another', async () => {
  const [a, b] = [sample('a'), sample('b')]
  const others = [
    [b, a],
    [{ ...a, captions: ['a word', 'more'] }, b],
    [{ ...a, labels: { grasp: [1] } }, b],
    [sample('a', 2), b],
    [a],
  ]
  const digests = await Promise.all([[a, b], ...others].map((samples) => digest(...samples)))
  expect(new Set(digests).size).toBe(6)
  expect(await digest(sample('a'), sample('b'))).toBe(digests[0])
})

test('two samples with one id are refused, and bad ones where they are not skipped', async () => {
  await expect(digest(sample('a'), sample('a', 2))).rejects.toMatchObject({
    code: 'data/duplicate-id',
    facts: { name: 'set', id: 'a' },
  })
  const bad = new DataError('data/unreadable-image', 'broken')
  await expect(readData('set', sourceOf(sample('a'), bad), 'fail')).rejects.toBe(bad)
  expect((await readData('set', sourceOf(sample('a'), bad), 'skip')).bad).toBe(1)
  const missing: Sample = { ...sample('a'), image: { file: '/nowhere/a.png' } }
  await expect(digest(missing)).rejects.toMatchObject({ code: 'data/unreadable-image' })
})
