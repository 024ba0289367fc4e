import { expect, it } from 'vitest'
import { readTogether } from './several-readers.ts'

async function* numbers(count: number, onClose = () => {}): AsyncGenerator<number> {
  try {
    for (let i = 0; i < count; i++) yield i
  } finally {
    onClose()
  }
}

it('gives every reader every item, and lets none run ahead', async () => {
  const seen: [number[], number[], number[]] = [[], [], []]
  let ahead = 0
  const reader = (own: number[], delay: number) => async (items: AsyncIterable<number>) => {
    for await (const item of items) {
      own.push(item)
      const lengths = seen.map(({ length }) => length)
      ahead = Math.max(ahead, Math.max(...lengths) - Math.min(...lengths))
      await new Promise((done) => setTimeout(done, delay))
    }
    return own.length
  }
  const counts = await readTogether(numbers(6), [reader(seen[0], 0), reader(seen[1], 3), reader(seen[2], 1)])
  expect(counts).toEqual([6, 6, 6])
  for (const own of seen) expect(own).toEqual([0, 1, 2, 3, 4, 5])
  expect(ahead).toBe(1)
})

it('fails with a reader that fails, and closes the source', async () => {
  let closed = false
  const items = numbers(9, () => {
    closed = true
  })
  const failing = async (own: AsyncIterable<number>) => {
    for await (const item of own) if (item === 2) throw new Error('unreadable')
  }
  const other = async (own: AsyncIterable<number>) => {
    for await (const _ of own);
  }
  await expect(readTogether(items, [failing, other])).rejects.toThrow('unreadable')
  expect(closed).toBe(true)
})
