import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  noise,
  recordEpisodes,
  recordedFeatures,
  soundFrame,
} from '../../../../test/support/recorded-episodes.ts'
import { dataColumn, dataLayout, taskLayout } from '../data-columns.ts'
import { readLerobot } from '../dataset.ts'
import type { RecordedFrame } from '../episode-buffer.ts'
import { appendRowGroup } from '../parquet-append.ts'
import { readTable } from '../parquet-table.ts'
import type { Finding } from './finding.ts'
import { inspectEpisodes } from './inspect-episodes.ts'
import { previewEpisode } from './preview-episode.ts'

const home = mkdtempSync(join(tmpdir(), 'doctor-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const sound = join(home, 'sound')
const lengths = [12, 14, 13, 12]

const blind = join(home, 'blind')

beforeAll(async () => {
  await recordEpisodes(sound, lengths)
  const { 'observation.images.top': _, ...features } = recordedFeatures
  const withoutPicture = (episode: number, at: number): RecordedFrame => {
    const { 'observation.images.top': _, ...frame } = soundFrame(episode, at)
    return frame as RecordedFrame
  }
  await recordEpisodes(blind, lengths, withoutPicture, features)
})

const findingsOf = async (directory: string): Promise<readonly Finding[]> =>
  (await inspectEpisodes(directory)).inspection.findings

/** A recording in which some frames are others. */
async function recorded(
  change: (frame: RecordedFrame, episode: number, at: number) => object,
): Promise<string> {
  const directory = mkdtempSync(join(home, 'set-'))
  await recordEpisodes(directory, lengths, (episode, at) => {
    const frame = soundFrame(episode, at)
    return { ...frame, ...change(frame, episode, at) } as RecordedFrame
  })
  return directory
}

/** A copy of the sound recording without its camera, with another column of numbers. */
function withColumn(name: string, change: (value: number, row: number) => number): string {
  const directory = mkdtempSync(join(home, 'set-'))
  cpSync(blind, directory, { recursive: true })
  const { info } = readLerobot(directory)
  const file = join(directory, 'data/chunk-000/file-000.parquet')
  const rows = readTable(file, Object.keys(info.features))
  const columns = Object.entries(info.features).map(([key, feature]) => {
    const values = rows.flatMap((row) => row[key] as number).map(Number)
    return dataColumn(key, feature, key === name ? values.map(change) : values, 0)
  })
  appendRowGroup(file, dataLayout(info.features), columns, 0)
  return directory
}

const state = ({ 'observation.state': values }: RecordedFrame) => values as number[]
const kindsOf = (findings: readonly Finding[]) => [...new Set(findings.map(({ kind }) => kind))]

describe('inspectEpisodes', () => {
  test('finds nothing in a sound recording', async () => {
    const { inspection, looks } = await inspectEpisodes(sound)
    expect(inspection.findings).toEqual([])
    expect(inspection).toMatchObject({ fps: 10, frames: 51, cameras: ['observation.images.top'] })
    expect(inspection.tasks).toEqual({ 'push the block': 2, 'lift the cup': 2 })
    expect(inspection.episodes.map(({ frames }) => frames)).toEqual(lengths)
    expect(looks).toHaveLength(5 * lengths.length)
  })

  test('finds a joint that is stuck in an episode', async () => {
    const findings = await findingsOf(
      await recorded((frame, episode) =>
        episode === 2 ? { 'observation.state': [0.5, state(frame)[1]] } : {},
      ),
    )
    expect(findings).toMatchObject([{ kind: 'stuck', episodes: [2], subject: 'observation.state shoulder' }])
  })

  test('finds a joint at its limit', async () => {
    const limited = await recorded((frame) => ({
      'observation.state': [Math.min(0.3, state(frame)[0]!), state(frame)[1]],
    }))
    expect(await findingsOf(limited)).toMatchObject([
      {
        kind: 'saturated',
        subject: 'observation.state shoulder',
        message: expect.stringContaining('at 0.3, its greatest'),
      },
    ])
  })

  test('finds a number that never changes', async () => {
    const findings = await findingsOf(
      await recorded((frame) => ({ 'observation.state': [state(frame)[0], 0.25] })),
    )
    expect(findings).toMatchObject([{ kind: 'constant', subject: 'observation.state elbow' }])
  })

  test('finds episodes in degrees among radians', async () => {
    const findings = await findingsOf(
      await recorded((frame, episode) =>
        episode === 1 ? { 'observation.state': state(frame).map((angle) => (angle * 180) / Math.PI) } : {},
      ),
    )
    expect(kindsOf(findings)).toEqual(['degrees'])
    expect(findings.map(({ episodes }) => episodes)).toEqual([[1], [1]])
  })

  test('finds actions in degrees beside a state in radians', async () => {
    const findings = await findingsOf(
      await recorded(({ action }) => ({
        action: (action as number[]).map((angle) => (angle * 180) / Math.PI),
      })),
    )
    expect(kindsOf(findings)).toEqual(['degrees'])
    expect(findings.some(({ message }) => message.includes('times those of observation.state'))).toBe(true)
  })

  test('finds a repeated episode', async () => {
    const repeated = await recorded((_, episode, at) => {
      const { task, ...first } = soundFrame(0, at)
      return episode === 3 ? { ...first, 'observation.images.top': noise(at) } : {}
    })
    expect(await findingsOf(repeated)).toMatchObject([{ kind: 'repeated-episode', episodes: [0, 3] }])
  })

  test('finds cameras that are black or stand still', async () => {
    const black = { width: 12, height: 8, data: new Uint8Array(12 * 8 * 3).fill(2) }
    const findings = await findingsOf(
      await recorded((_, episode) => {
        if (episode === 0) return { 'observation.images.top': black }
        return episode === 1 ? { 'observation.images.top': noise(7) } : {}
      }),
    )
    expect(findings).toMatchObject([
      { kind: 'black-camera', episodes: [0] },
      { kind: 'static-camera', episodes: [1] },
    ])
  })

  test('finds a short episode', async () => {
    const directory = mkdtempSync(join(home, 'set-'))
    await recordEpisodes(directory, [12, 2, 12])
    expect(await findingsOf(directory)).toMatchObject([{ kind: 'short-episode', episodes: [1] }])
  })

  test.each([
    ['time-gap', (value: number, row: number) => (row >= 20 && row < 26 ? value + 0.4 : value)],
    ['time-jitter', (value: number, row: number) => value + (row % 2 === 0 ? 0 : 0.02)],
    // A single frame that training would refuse.
    ['time-jitter', (value: number, row: number) => (row === 7 ? value + 0.0005 : value)],
  ] as const)('finds a %s', async (kind, change) => {
    expect(kindsOf(await findingsOf(withColumn('timestamp', change)))).toEqual([kind])
  })

  test('names a file of data that is missing', async () => {
    const directory = withColumn('action', (value) => value)
    rmSync(join(directory, 'data/chunk-000/file-000.parquet'))
    await expect(inspectEpisodes(directory)).rejects.toThrow(/file-000\.parquet: it is missing/)
  })

  test('finds numbers that are none, and those far from all others', async () => {
    const nan = withColumn('action', (value, i) => (i === 31 ? Number.NaN : value))
    expect(await findingsOf(nan)).toMatchObject([
      {
        kind: 'not-finite',
        episodes: [1],
        subject: 'action[1]',
        message: expect.stringContaining('frame 3 of episode 1'),
      },
      { kind: 'statistics', subject: 'action[1]' }, // which count the number that was there
    ])
    // One frame of 400: of fewer it would move the quantiles.
    const directory = mkdtempSync(join(home, 'set-'))
    await recordEpisodes(
      directory,
      [200, 200],
      (episode, at) => {
        const { task, action } = soundFrame(episode, at)
        return { task, action: episode === 1 && at === 50 ? [9, 0.1] : (action as number[]) }
      },
      { action: { dtype: 'float32', shape: [2] } },
    )
    expect(await findingsOf(directory)).toMatchObject([
      { kind: 'outlier', episodes: [1], subject: 'action[0]' },
    ])
  })

  test('finds a task without a text, and statistics of other data', async () => {
    const unnamed = mkdtempSync(join(home, 'set-'))
    cpSync(sound, unnamed, { recursive: true })
    const columns = [
      { name: 'task_index', data: [0n, 1n] },
      { name: 'task', data: ['push the block', ' '] },
    ]
    appendRowGroup(join(unnamed, 'meta/tasks.parquet'), taskLayout, columns, 0)
    expect(await findingsOf(unnamed)).toMatchObject([{ kind: 'empty-task', episodes: [1, 3] }])
    const file = join(unnamed, 'meta/stats.json')
    cpSync(join(sound, 'meta/tasks.parquet'), join(unnamed, 'meta/tasks.parquet'))
    const stats = JSON.parse(readFileSync(file, 'utf8'))
    stats.action.mean[1] += 0.5
    writeFileSync(file, JSON.stringify(stats))
    expect(await findingsOf(unnamed)).toMatchObject([
      {
        kind: 'statistics',
        subject: 'action[1]',
        message: expect.stringMatching(/^stats.json says mean [^;]*$/),
      },
    ])
  })
})

test('previewEpisode holds the pictures, numbers and command of each frame', async () => {
  const { frames, times, commands, cameras, features } = await previewEpisode(sound, 1)
  expect([frames, times.length, times[3]]).toEqual([14, 14, Math.fround(0.3)])
  expect(new Set(commands)).toEqual(new Set(['lift the cup']))
  expect(cameras.map(({ name, pictures }) => [name, pictures.length])).toEqual([
    ['observation.images.top', 14],
  ])
  const [{ name, lines } = { name: '', lines: [] }] = features
  expect([name, lines.map((line) => line.name)]).toEqual(['observation.state', ['shoulder', 'elbow']])
  expect(lines[1]!.values[4]).toBe(Math.fround(state(soundFrame(1, 4))[1]!))
  await expect(previewEpisode(sound, 4)).rejects.toThrow('has no episode 4: there are 4, counted from 0')
})
