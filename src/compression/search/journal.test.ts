import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CheckpointError } from '../../core/index.ts'
import type { StudyEvent } from './event.ts'
import { FileJournal } from './journal.ts'
import { replay } from './replay.ts'

let folder: string
let file: string
let journal: FileJournal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'))
  file = join(folder, 'journal.jsonl')
  journal = new FileJournal(file, join(folder, 'lock'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const worker = { host: 'here', pid: 1 }
const began = (trial: number): StudyEvent => ({
  event: 'began',
  trial,
  origin: 'sampler',
  values: { x: trial },
  worker,
  at: '',
})
const add = (...events: StudyEvent[]) => journal.transact(() => ({ events, result: events.length }))

it('keeps decisions in order, for everyone who reads it', async () => {
  expect(await add(began(0), { event: 'report', trial: 0, resource: 1, value: 0.5, seconds: 2 })).toBe(2)
  await add({ event: 'ended', trial: 0, state: 'finished', measured: { quality: 0.5 }, seconds: 3, at: '' })
  const { trials } = await new FileJournal(file, join(folder, 'lock')).read()
  expect(trials).toMatchObject([
    { number: 0, state: 'finished', values: { x: 0 }, seconds: 3, reports: [{ resource: 1, value: 0.5 }] },
  ])
})

it('loses nothing when many decide at once', async () => {
  const journals = Array.from({ length: 5 }, () => new FileJournal(file, join(folder, 'lock')))
  await Promise.all(
    journals.map(async (each) => {
      for (let i = 0; i < 4; i++)
        await each.transact(({ trials }) => ({ events: [began(trials.length)], result: undefined }))
    }),
  )
  expect((await journal.read()).trials.map(({ number }) => number)).toEqual(
    Array.from({ length: 20 }, (_, i) => i),
  )
})

it('leaves a line that was cut off unread, and cuts it off before the next', async () => {
  await add(began(0))
  const whole = readFileSync(file, 'utf8')
  appendFileSync(file, '{"event":"ended","trial":0,"sta')
  expect((await journal.read()).trials).toMatchObject([{ state: 'running' }])
  await add(began(1))
  expect(readFileSync(file, 'utf8')).toBe(`${whole}${JSON.stringify(began(1))}\n`)
})

it('names a line that is damaged', async () => {
  await add(began(0))
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"event":"began"}\n`)
  await expect(journal.read()).rejects.toThrow(CheckpointError)
  await expect(journal.read()).rejects.toThrow(/journal\.jsonl:2: this line is no event/)
})

it('counts a validation once, keeps NaN, and lets nothing happen to an ended trial', () => {
  const report = (resource: number, value: number): StudyEvent => ({
    event: 'report',
    trial: 0,
    resource,
    value,
    seconds: 1,
  })
  const events = [began(0), report(1, 0.1), report(2, Number.NaN), report(1, 0.1), report(3, 0.3)]
  const stored = events.map((event) => JSON.parse(JSON.stringify(event)))
  expect(stored[2].value).toBeNull()
  expect(replay(events).trials[0]!.reports.map(({ resource }) => resource)).toEqual([1, 2, 3])
  const ended: StudyEvent = {
    event: 'ended',
    trial: 0,
    state: 'failed',
    reason: 'killed',
    seconds: 9,
    at: '',
  }
  const after = replay([
    ...events,
    ended,
    report(4, 1),
    { event: 'paused', trial: 0, waiting: true, seconds: 1 },
  ])
  expect(after.trials[0]).toMatchObject({ state: 'failed', reason: 'killed', seconds: 9 })
  expect(after.trials[0]!.reports).toHaveLength(3)
})
