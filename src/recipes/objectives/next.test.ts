import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { filter, folder, type Source } from '../../data/index.ts'
import { contrastiveObjective } from './contrastive.ts'
import { imitationObjective } from './imitation.ts'

const photos = mkdtempSync(join(tmpdir(), 'photos-'))
afterAll(() => rmSync(photos, { recursive: true }))
mkdirSync(join(photos, 'cats'))
writeFileSync(join(photos, 'cats/a.png'), 'not empty')
writeFileSync(join(photos, 'captions.jsonl'), '{"file": "cats/a.png", "caption": "a cat"}\n')

test.each<[string, (source: Source) => Source]>([
  ['a folder', (source) => source],
  ['a part of it', (source) => filter(source, { caption: 'cat' })],
])(
  'after photos in %s, whose images lie in folders within, the folder itself is searched',
  async (_, part) => {
    const source = part(folder(photos, { captions: 'captions.jsonl' }))
    expect(await contrastiveObjective.next('run', source)).toBe(`search run "a cat" --images ${photos}`)
  },
)

const sourceOf = (spec: Readonly<Record<string, unknown>>): Source => ({
  name: 'source',
  spec,
  async *samples() {},
})

test.each([
  [{ kind: 'tabletop', directory: 'scenes' }, 'rollout run'],
  [{ kind: 'concat', parts: [{ kind: 'tabletop', directory: 'scenes' }] }, 'rollout run'],
  [{ kind: 'folder', directory: 'photos' }, 'export run'],
])('after a policy of %j comes %s', async (spec, command) => {
  expect(await imitationObjective.next('run', sourceOf(spec))).toBe(command)
})
