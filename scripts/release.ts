import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import {
  nextVersion,
  type PackedPackage,
  packedText,
  provenanceText,
  ReleaseRefused,
  releasedChangelog,
} from './release-plan.ts'

/**
 * Release, dry unless `--write` is given:
 *
 *     npm run release -- minor                            checks, and says what it would do
 *     npm run release -- 0.1.0 --write                    also writes version and changelog, commits and tags
 *     npm run release -- minor --tested COMMIT            without running the tests: CI ran them for this commit
 *
 * It refuses a tree with changes, a red test, and a commit that is not the one that was tested. It never publishes.
 */
export function release(argv: readonly string[], root: string, note: (text: string) => void): void {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { write: { type: 'boolean' }, files: { type: 'boolean' }, tested: { type: 'string' } },
  })
  const run = (command: string, ...args: string[]) => output(root, command, args)
  const manifestFile = join(root, 'package.json')
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
  const version = nextVersion(manifest.version, positionals[0])
  requireCleanTree(run)
  if (run('git', 'tag', '--list', `v${version}`) !== '')
    throw new ReleaseRefused(`there is a tag v${version} already`)
  const day = new Date().toISOString().slice(0, 10)
  const changelogFile = join(root, 'CHANGELOG.md')
  const changelog = releasedChangelog(readFileSync(changelogFile, 'utf8'), version, day)
  requireTests(run, root, values.tested, note)
  requireCleanTree(run)
  note(`version ${manifest.version} becomes ${version}, of ${day}`)
  note(packedText(packed(run), values.files ?? false))
  note(provenanceText(manifest))
  if (!values.write) {
    note('nothing was written: --write does it')
    return
  }
  writeFileSync(changelogFile, changelog)
  run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts')
  run('git', 'commit', '--all', '--message', `Release ${version}`)
  run('git', 'tag', `v${version}`)
  note(`written, committed and tagged: git push --follow-tags origin HEAD v${version}`)
}

type Run = (command: string, ...args: string[]) => string

/** Standard output of a program. @throws ReleaseRefused when it fails. */
function output(cwd: string, command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (status === 0) return stdout.trim()
  const reason = error?.message ?? stderr.trim().slice(-2000)
  throw new ReleaseRefused(`${[command, ...args].join(' ')} failed: ${reason}`)
}

function requireCleanTree(run: Run): void {
  const changes = run('git', 'status', '--porcelain')
  if (changes !== '')
    throw new ReleaseRefused(
      `the tree has changes; commit them, or put them away:\n${changes.slice(0, 1000)}`,
    )
}

/** Run what CI runs, or take the word of who ran it, for this commit only. */
function requireTests(
  run: Run,
  root: string,
  tested: string | undefined,
  note: (text: string) => void,
): void {
  const commit = run('git', 'rev-parse', 'HEAD')
  if (tested === undefined) {
    note('running .ci/run, which takes as long as in CI; --tested COMMIT where CI has run it')
    const { status } = spawnSync('bash', ['.ci/run'], { cwd: root, stdio: ['ignore', 2, 2] })
    if (status !== 0)
      throw new ReleaseRefused(`.ci/run failed (${status ?? 'killed'}): its output says what is red`)
    note(`.ci/run passed for ${commit}`)
    return
  }
  if (!/^[0-9a-f]{7,40}$/.test(tested) || !commit.startsWith(tested))
    throw new ReleaseRefused(`tests were run for ${tested}, and this is ${commit}`)
  note(`not run again here: you say that .ci/run passed for ${commit}`)
  run('npm', 'run', 'build') // CI's is not on this machine
}

function packed(run: Run): PackedPackage {
  const answer: unknown = JSON.parse(run('npm', 'pack', '--dry-run', '--json', '--ignore-scripts'))
  // npm 7 to 11 answer with a list, later ones with an object by name.
  return Object.values(answer as Record<string, PackedPackage>)[0]!
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    release(process.argv.slice(2), process.cwd(), (text) => void process.stderr.write(`${text}\n`))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    process.stderr.write(`no release: ${error.message}\n`)
    process.exitCode = 1
  }
}
