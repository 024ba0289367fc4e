/** A refusal of a release, in a sentence. */
export class ReleaseRefused extends Error {}

const parts: readonly (string | undefined)[] = ['major', 'minor', 'patch']

/**
 * Version of a release.
 * @param asked `major`, `minor`, `patch`, or a version such as `0.2.0`, which is that of package.json or a later one.
 * @throws ReleaseRefused.
 */
export function nextVersion(current: string, asked: string | undefined): string {
  const numbers = numbersOf(current)
  const part = parts.indexOf(asked)
  if (part >= 0) return numbers.map((n, i) => (i < part ? n : i === part ? n + 1 : 0)).join('.')
  if (asked === undefined || !/^\d+\.\d+\.\d+$/.test(asked))
    throw new ReleaseRefused('name the version: npm run release -- major, minor, patch or X.Y.Z')
  const later = numbersOf(asked)
  const first = later.findIndex((n, i) => n !== numbers[i])
  if (first >= 0 && later[first]! < numbers[first]!)
    throw new ReleaseRefused(`${asked} is before ${current}, the version of package.json`)
  return asked
}

const numbersOf = (version: string): number[] => version.split('-')[0]!.split('.').map(Number)

/** Heading of what is not released yet: `## Unreleased`, or `## 0.1.0 — unreleased`. */
const unreleased = /^## (?:Unreleased|[\d.]+ — unreleased)$/im

/**
 * The changelog of a release: what is unreleased stands under its version and date, and an empty section for what comes.
 * @param date Day, as `2026-11-29`.
 * @throws ReleaseRefused when nothing is unreleased.
 */
export function releasedChangelog(text: string, version: string, date: string): string {
  const heading = unreleased.exec(text)
  if (!heading) throw new ReleaseRefused("CHANGELOG.md has no section '## Unreleased'")
  const after = text.slice(heading.index + heading[0].length)
  if (after.split(/^## /m)[0]!.trim() === '')
    throw new ReleaseRefused('CHANGELOG.md says nothing under what is unreleased')
  return `${text.slice(0, heading.index)}## Unreleased\n\n## ${version} — ${date}${after}`
}

/** What `npm pack --json` tells of a package. */
export interface PackedPackage {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string; readonly size: number }[]
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`

/** The packed files, summed by their first folders, with the largest; all of them with `all`. */
export function packedText({ filename, size, unpackedSize, files }: PackedPackage, all: boolean): string {
  const folders = new Map<string, { count: number; size: number }>()
  for (const file of files) {
    const name = file.path.includes('/') ? `${file.path.split('/')[0]}/` : file.path
    const { count, size } = folders.get(name) ?? { count: 0, size: 0 }
    folders.set(name, { count: count + 1, size: size + file.size })
  }
  const largest = files.toSorted((a, b) => b.size - a.size).slice(0, 5)
  return [
    `${filename}: ${files.length} files, ${megabytes(size)} packed, ${megabytes(unpackedSize)} unpacked`,
    ...Array.from(
      folders,
      ([name, { count, size }]) => `  ${name.padEnd(16)} ${String(count).padStart(5)}  ${megabytes(size)}`,
    ),
    ...(all
      ? files.map(({ path, size }) => `  ${path}  ${size}`)
      : [
          `  largest: ${largest.map(({ path, size }) => `${path} ${megabytes(size)}`).join(', ')}; --files lists all`,
        ]),
  ].join('\n')
}

/** What publishing with provenance does, and what this package lacks for it. */
export function provenanceText(manifest: {
  readonly repository?: unknown
  readonly private?: boolean
}): string {
  const missing = [
    manifest.private && "'private' in package.json keeps it from being published",
    !manifest.repository &&
      "'repository' is missing in package.json: npm compares it with where the workflow ran",
  ].filter((text) => typeof text === 'string')
  return [
    'npm publish --provenance signs, in a public log (Sigstore), which commit of which repository and which workflow made the file.',
    '  It works in GitHub Actions only: a public repository, permissions: id-token: write, and on npm either a token in',
    '  NODE_AUTH_TOKEN or this workflow as a trusted publisher. From this machine it would be refused, so nothing is published here.',
    ...missing.map((text) => `  still to do: ${text}`),
  ].join('\n')
}
