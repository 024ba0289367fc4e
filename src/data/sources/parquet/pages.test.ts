import { join } from 'node:path'
import { asyncBufferFromFile } from 'hyparquet'
import { expect, it } from 'vitest'
import { readFooter } from './footer.ts'
import { dataPages } from './pages.ts'

it('finds pages whose headers hold the least and the greatest picture, beyond the bytes of usual headers', async () => {
  const file = join(import.meta.dirname, '../../../../test/golden/parquet/statistics.parquet')
  const [image] = readFooter(file).row_groups[0]!.columns
  const pages = await dataPages(await asyncBufferFromFile(file), image!.meta_data!, 8)
  expect(pages.map(({ firstRow }) => firstRow)).toEqual([0, 2, 4, 6])
  for (const { storedBytes, unpackedBytes } of pages)
    expect(storedBytes - unpackedBytes).toBeGreaterThan(4096)
})
