import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Source } from '../source.ts'
import { concat } from './composition/concat.ts'
import { filter } from './composition/filter.ts'
import { mix } from './composition/mix.ts'
import { emoji } from './emoji/source.ts'
import { parquet } from './parquet/source.ts'
import { openSource, sourceSpec } from './source-spec.ts'

const golden = join(import.meta.dirname, '../../../test/golden/parquet')

async function ids(source: Source): Promise<string[]> {
  const found: string[] = []
  for await (const { id } of source.samples({ onBad: () => {} })) found.push(id)
  return found
}

describe('the description of a source', () => {
  const hub = parquet(join(golden, 'hub-*.parquet'), {
    caption: 'text',
    labels: { category: { kind: 'class', classes: 3 } },
  })
  const lists = parquet(join(golden, 'lists-zstd.parquet'), { image: 'jpg', caption: ['captions'] })

  it.each([
    hub,
    lists,
    emoji({ split: 'validation' }),
    concat({ hub, lists }),
    filter(lists, { caption: 'said', minimumCaptions: 2, exceptEvery: 3 }),
    filter(hub, { labels: ['category'], every: 2 }),
    mix(
      {
        few: { data: filter(hub, { every: 2 }), weight: 1 },
        all: { data: concat({ hub, lists }), weight: 2.5 },
      },
      { seed: 9 },
    ),
  ])('of %# makes the same source again, through JSON', async (source) => {
    const spec = sourceSpec.parse(JSON.parse(JSON.stringify(source.spec)))
    const again = openSource(spec)
    expect(await ids(again)).toEqual(await ids(source))
    expect(again.labels).toEqual(source.labels)
    expect(sourceSpec.parse(source)).toEqual(spec)
    expect(sourceSpec.parse(again)).toEqual(spec)
  })

  it('takes sources within sources, and names what is wrong by its path', () => {
    const spec = sourceSpec.parse({ kind: 'filter', of: hub, keep: { every: 2 } })
    expect(spec).toMatchObject({ of: { kind: 'parquet' } })
    const wrong = sourceSpec.safeParse({ kind: 'mix', of: { a: { data: hub, weight: -1 } } })
    expect(wrong.error?.issues[0]?.path).toEqual(['of', 'a', 'weight'])
    const unknown = sourceSpec.safeParse({
      kind: 'concat',
      of: { a: { kind: 'folder', directory: 'x', captoin: 'y' } },
    })
    expect(unknown.error?.issues[0]).toMatchObject({ path: ['of', 'a'], keys: ['captoin'] })
  })
})
