import { describe, expect, it } from 'vitest'
import { type DataRecord, DataWatch } from './data-watch.ts'

const ids = ['a', 'b', 'c']

function recordOf(size: number | undefined, ...blocks: readonly (readonly string[])[]): DataRecord {
  const watch = new DataWatch(sourceOf(size), undefined, { allowed: false })
  let first = 0
  for (const block of blocks) {
    watch.see(first, block)
    first += block.length
  }
  return JSON.parse(JSON.stringify(watch.recordAt({ epoch: 1, block: 0 })))
}

const sourceOf = (size?: number) => ({ name: 'photos', ...(size !== undefined && { size }) })

/** The refusal of a first block, or the change with which the stream went on. */
function changeOf(record: DataRecord, block: readonly string[], size?: number, first = 0) {
  const open = (allowed: boolean) => {
    const watch = new DataWatch(sourceOf(size), record, { allowed })
    watch.see(first, block)
    return watch
  }
  const { changes } = open(true)
  if (changes.length === 0) expect(() => open(false)).not.toThrow()
  else expect(() => open(false)).toThrow(expect.objectContaining({ code: 'data/source-changed' }))
  return changes.join()
}

describe('a watch over data', () => {
  it('holds size, and a digest of the ids in their order', () => {
    expect(recordOf(3, ids)).toEqual({
      size: 3,
      blocks: [
        {
          first: 0,
          samples: 3,
          order: '880553fca8fcea94e325ee2cfb48e5a985cc797f39a14cc6d3cedecfeb2ae4d2',
          ids: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
      ],
    })
  })

  it('takes the same data, and tells what is other', () => {
    const record = recordOf(undefined, ids)
    const other = 'photos is not the data of the checkpoint: '
    expect(changeOf(record, ids)).toBe('')
    expect(changeOf(record, [...ids, 'd'])).toBe(`${other}it had 3 samples and has 4 now`)
    expect(changeOf(record, ['b', 'a', 'c'])).toBe(`${other}its 3 samples are in another order`)
    expect(changeOf(record, ['a', 'b', 'x'])).toBe(`${other}of its 3 samples some have other ids`)
    const sized = recordOf(3, ids)
    expect(changeOf(sized, ids, 4)).toBe(`${other}it had 3 samples and has 4 now`)
    const blocks = recordOf(undefined, ids, ['d', 'e'])
    expect(changeOf(blocks, ['e', 'd'], undefined, 3)).toBe(
      `${other}its 2 samples from place 3 on are in another order`,
    )
  })

  it('compares a block once, and keeps changes for the next checkpoint', () => {
    const watch = new DataWatch(sourceOf(), recordOf(undefined, ids), { allowed: true })
    for (const block of [['a'], ['a', 'b']]) watch.see(0, block)
    expect(watch.changes).toHaveLength(1)
    const record = watch.recordAt({ epoch: 0, block: 0 })
    expect(record.changes).toEqual(watch.changes)
    expect(() => new DataWatch(sourceOf(), record, { allowed: false }).see(0, ['a'])).not.toThrow()
  })

  it('without a record compares nothing, and records only the blocks up to a place', () => {
    const watch = new DataWatch(sourceOf(), undefined, { allowed: false })
    watch.see(0, ids)
    watch.see(3, ['d'])
    const firsts = (epoch: number, block: number) =>
      watch.recordAt({ epoch, block }).blocks.map(({ first }) => first)
    expect([firsts(0, 0), firsts(0, 3), firsts(1, 0)]).toEqual([[0], [0, 3], [0, 3]])
  })
})
