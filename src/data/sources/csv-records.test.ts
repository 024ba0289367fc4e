import fc from 'fast-check'
import { expect, it } from 'vitest'
import { csvRecords, withLineFeeds } from './csv-records.ts'

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`
const read = (text: string, delimiter = ',') => [...csvRecords(withLineFeeds(text), delimiter, 'x.csv')]

it('reads back any table of quoted fields, with the line where each record begins', () => {
  const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', ';', '\t', ' ', '\n') })
  const table = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 5 })
  const delimiters = fc.constantFrom(',', ';', '\t')
  const ends = fc.constantFrom('\n', '\r\n', '\r')
  fc.assert(
    fc.property(table, delimiters, ends, fc.boolean(), (rows, delimiter, end, closed) => {
      const written = rows.map((row) => row.map(quoted).join(delimiter))
      const records = read(written.join(end) + (closed ? end : ''), delimiter)
      expect(records.map(({ fields }) => fields)).toEqual(rows)
      expect(records.map(({ raw }) => raw)).toEqual(written)
      const lines = rows.map(
        (_, i) => 1 + written.slice(0, i).join('\n').split('\n').length - (i === 0 ? 1 : 0),
      )
      expect(records.map(({ line }) => line)).toEqual(lines)
      expect(records.every(({ problem }) => problem === undefined)).toBe(true)
    }),
    { seed: 7 },
  )
})

it('reads bare fields as they are, and no blank lines', () => {
  expect(read('a, b ,\n\n  \n,x"y')).toEqual([
    { fields: ['a', ' b ', ''], line: 1, raw: 'a, b ,' },
    { fields: ['', 'x"y'], line: 4, raw: ',x"y' },
  ])
})

it('takes no time to speak of for a long text without a partner of its first mark', () => {
  const start = performance.now()
  expect(() => read(`a,"${'b""'.repeat(1e6)}`)).toThrow(/x\.csv:1: a quotation mark opens/)
  expect(performance.now() - start).toBeLessThan(5000)
})
