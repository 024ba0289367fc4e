import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Acted } from '../../benchmarks/chunks/act.ts'
import { comparisonRows, comparisonTables, plannedRows, plannedTable } from '../../benchmarks/chunks/rows.ts'
import { type Compared, demonstrations, recipeOf } from '../../benchmarks/chunks/trainings.ts'
import { betweenMarkers, type Job, shareWork } from '../../benchmarks/shared-work.ts'
import { parseRecipe } from '../../src/recipes/index.ts'

/** The recipe of a policy, without its base, which is a run that is not there. */
const parsed = (policy: Compared) => parseRecipe({ ...recipeOf(policy), base: undefined })

describe('the comparison of policies that act in chunks', () => {
  const rows = comparisonRows([1, 2])

  it('begins: an unknown comparison is named', async () => {
    const main = '../../benchmarks/chunks/main.ts'
    const before = process.argv
    process.argv = ['node', main, '--only', 'nothing']
    const begun = import(main).finally(() => {
      process.argv = before
    })
    await expect(begun).rejects.toThrow("there is no comparison 'nothing'")
  })

  it('has valid recipes of equal steps, whose data has chunks as long as the policy answers', () => {
    const policies = Object.values(rows).flatMap((each) => each.map(({ policy }) => policy))
    const pace = new Set<string>()
    for (const policy of policies) {
      const { model, data, validation, epochs, batches, seed, generate } = parsed(policy)
      const { head, chunk } = policy
      expect(model).toMatchObject({ head, chunk_size: chunk, n_action_steps: chunk / 2 })
      expect([data, validation.data]).toMatchObject([{ chunk }, { chunk }])
      expect([seed, generate]).toEqual([policy.seed, undefined])
      pace.add(`${epochs} passes of batches of ${batches.size}`)
    }
    expect(pace.size).toBe(1)
    const { data } = parsed(policies[0]!)
    expect(data).toMatchObject({ directory: expect.stringContaining(`${demonstrations().directory}/`) })
  })

  it('shows what was tried, and what was not', () => {
    const { latency } = rows
    const acted: Acted = {
      ...{ way: 'queue', latency: 0, successes: 3, episodes: 40 },
      ...{ interval: [0.026, 0.199], seams: 1200.4, seconds: 2.34 },
    }
    const tables = comparisonTables({ latency }, (row) => (row === latency[0] ? acted : undefined))
    const lines = tables.split('\n')
    expect(lines[4]).toBe('| act | 48 | 1 | queue | 0 | 8 | 3 – 20 | 2.3 | 1200 | – |')
    expect(lines[0]).toBe(`**Latency**: ${latency.length - 1} of ${latency.length} rows not tried yet`)
    expect(lines).toHaveLength(5)
  })

  it('shows what plans come to, by right and by predicted answers', () => {
    expect(plannedRows.map(({ task, run }) => [task, run])).toEqual([
      ['picking', undefined],
      ['picking', 'runs/tabletop-multitask'],
      ['putting', undefined],
      ['putting', 'runs/tabletop-placing'],
    ])
    const tried = { successes: 31, episodes: 50, interval: [0.48, 0.74], unreachable: 4 } as const
    const table = plannedTable((row) => (row === plannedRows[3] ? tried : undefined))
    expect(table.split('\n').slice(4)).toEqual([
      '| putting | predicted by `tabletop-placing` | 62 | 48 – 74 | 4 |',
    ])
  })
})

describe('work that processes share', () => {
  it('is done once, after what it stands on, and not where another one holds its lock', async () => {
    const done: string[] = []
    const job = (name: string, after: string[] = []): Job => ({
      name,
      isDone: () => done.includes(name),
      isReady: () => after.every((before) => done.includes(before)),
      run: async () => void done.push(name),
    })
    const home = mkdtempSync(join(tmpdir(), 'visuomotor-jobs-'))
    const jobs = [job('second', ['first']), job('first'), job('third', ['second'])]
    await Promise.all([1, 2].map(() => shareWork(jobs, home, () => {}, 1)))
    expect(done).toEqual(['first', 'second', 'third'])
    const failing = { ...job('failing'), run: () => Promise.reject(new Error('no space')) }
    await expect(shareWork([failing], home, () => {})).rejects.toThrow('no space')
    await shareWork([job('failing')], home, () => {})
    expect(done.at(-1)).toBe('failing')
  })

  it('leaves a page as it is but between the markers', () => {
    const page = 'before\n<!-- rows: begin -->\nold\n<!-- rows: end -->\nafter\n'
    const changed = betweenMarkers(page, 'rows', 'new')
    expect(changed).toBe(page.replace('old', 'new'))
    expect(betweenMarkers(changed, 'rows', 'new')).toBe(changed)
    expect(() => betweenMarkers(page, 'tables', 'new')).toThrow('tables: begin')
  })
})
