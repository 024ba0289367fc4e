import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { release } from '../../scripts/release.ts'
import { nextVersion, packedText, provenanceText, releasedChangelog } from '../../scripts/release-plan.ts'

const root = mkdtempSync(join(tmpdir(), 'release-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')
const write = (file: string, text: string) => writeFileSync(join(root, file), text)
const commit = () => git('commit', '--all', '--quiet', '--message', 'change')

/** Notes of a release, and what it was refused for. */
function tried(...argv: string[]): { notes: string; refusal?: string } {
  const notes: string[] = []
  try {
    release(argv, root, (text) => void notes.push(text))
    return { notes: notes.join('\n') }
  } catch (error) {
    return { notes: notes.join('\n'), refusal: (error as Error).message }
  }
}

beforeAll(() => {
  mkdirSync(join(root, '.ci'))
  write('.ci/run', 'exit 0\n')
  write('index.js', '\n')
  write('package.json', '{ "name": "small", "version": "0.1.0", "scripts": { "build": "exit 0" } }\n')
  write('CHANGELOG.md', '# Changelog\n\n## 0.1.0 — unreleased\n\n- All of it.\n')
  git('init', '--quiet')
  git('config', 'user.email', 'a@example.org')
  git('config', 'user.name', 'A')
  git('add', '.')
  commit()
})

test('a release is refused: changes, red tests, another commit, a wrong version, and nothing is written', () => {
  const before = [textOf('package.json'), textOf('CHANGELOG.md'), git('rev-parse', 'HEAD')]
  const head = before[2]!
  write('left-over.txt', 'x')
  expect(tried('minor', '--write', '--tested', head).refusal).toMatch(/tree has changes.*left-over\.txt/s)
  rmSync(join(root, 'left-over.txt'))
  expect(tried('minor', '--write', '--tested', '0'.repeat(40)).refusal).toMatch(
    /tests were run for 0+, and this is/,
  )
  expect(tried('minor', '--write', '--tested', 'HEAD').refusal).toMatch(/tests were run for HEAD/)
  expect(tried('0.0.9', '--tested', head).refusal).toBe('0.0.9 is before 0.1.0, the version of package.json')
  expect(tried().refusal).toMatch(/^name the version/)
  write('.ci/run', 'echo red; exit 3\n')
  commit()
  expect(tried('minor', '--write').refusal).toMatch(/^\.ci\/run failed \(3\)/)
  git('reset', '--quiet', '--hard', head)
  expect([textOf('package.json'), textOf('CHANGELOG.md'), git('rev-parse', 'HEAD')]).toEqual(before)
})

test('a release is dry by default, and written when it is asked for', () => {
  const head = git('rev-parse', 'HEAD')
  const dry = tried('0.1.0')
  expect(dry.refusal).toBeUndefined()
  expect(dry.notes).toContain(`.ci/run passed for ${head}`)
  expect(dry.notes).toMatch(/small-0\.1\.0\.tgz: \d+ files, /)
  expect(dry.notes).toMatch(/nothing was written/)
  expect(git('status', '--porcelain') + git('tag')).toBe('')
  expect(tried('minor', '--tested', head.slice(0, 10), '--write').notes).toMatch(
    /not run again here: you say/,
  )
  expect(JSON.parse(textOf('package.json')).version).toBe('0.2.0')
  expect(textOf('CHANGELOG.md')).toMatch(
    /^# Changelog\n\n## Unreleased\n\n## 0\.2\.0 — \d{4}-\d\d-\d\d\n\n- All of it/,
  )
  expect(git('tag')).toBe('v0.2.0')
  expect(git('status', '--porcelain')).toBe('')
  expect(tried('0.2.0', '--tested', git('rev-parse', 'HEAD')).refusal).toBe('there is a tag v0.2.0 already')
  expect(tried('patch', '--tested', git('rev-parse', 'HEAD')).refusal).toMatch(
    /says nothing under what is unreleased/,
  )
})

test('versions, changelog, files and provenance', () => {
  expect(['major', 'minor', 'patch', '1.2.10'].map((asked) => nextVersion('1.2.9', asked))).toEqual([
    '2.0.0',
    '1.3.0',
    '1.2.10',
    '1.2.10',
  ])
  expect(() => releasedChangelog('# Changelog\n\n## 0.1.0 — 2026-01-01\n', '0.2.0', '2026-02-02')).toThrow(
    /no section/,
  )
  const files = [
    { path: 'dist/a.js', size: 2e6 },
    { path: 'dist/b.js', size: 1e6 },
    { path: 'LICENSE', size: 1000 },
  ]
  const text = packedText({ filename: 'a.tgz', size: 1e6, unpackedSize: 3e6, files }, false)
  expect(text).toMatch(/^a\.tgz: 3 files, 1\.00 MB packed, 3\.00 MB unpacked\n {2}dist\/ +2 {2}3\.00 MB\n/)
  expect(provenanceText({})).toContain("'repository' is missing")
  expect(provenanceText({ repository: 'x' })).not.toContain('still to do')
})
