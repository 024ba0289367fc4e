import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { RolledPolicy } from './rollout-flags.ts'
import { rolloutRecorders } from './rollout-recorders.ts'

const controlling = { stream: () => undefined } as unknown as RolledPolicy
const predicting = {} as RolledPolicy

it('recordings of an earlier rollout stay under another name, and what is not asked for is not recorded', () => {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-recorders-'))
  mkdirSync(join(directory, 'mcap'))
  const notes: string[] = []
  const output = { note: (text: string) => void notes.push(text) } as never
  expect(rolloutRecorders(controlling, directory, {}, output)).toEqual([])
  expect(readdirSync(directory)).toEqual(['mcap'])
  expect(rolloutRecorders(controlling, directory, { mcap: true, lerobot: true }, output)).toHaveLength(2)
  expect(readdirSync(directory)).toEqual(['mcap.1'])
  expect(notes).toEqual([`the earlier recording is now ${join(directory, 'mcap.1')}`])
})

it('a policy that predicts once has no steps to record, and is refused before anything moves', () => {
  expect(() => rolloutRecorders(predicting, 'nowhere', { lerobot: true }, {} as never)).toThrow(
    /--lerobot records policies that control the robot/,
  )
  expect(rolloutRecorders(predicting, 'nowhere', {}, {} as never)).toEqual([])
})
