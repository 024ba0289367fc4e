import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { CheckpointError, writeFileAtomic } from '../core/index.ts'
import { parseFile, readJson } from './json-file.ts'

/** File of a bundle that lists its other files, each with its size and its SHA-256. */
export const manifestFile = 'manifest.json'

/** Format and version of a bundle: the version changes when an older reader would take one wrongly. */
export const bundleFormat = { format: 'visuomotor-bundle', version: 1 } as const

/** A path inside of the folder, with slashes. */
const path = z
  .string()
  .regex(/^[^/\\]+(\/[^/\\]+)*$/)
  .refine((name) => !name.split('/').includes('..'))

const entry = z.strictObject({ bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) })

const schema = z.object({
  format: z.literal(bundleFormat.format),
  version: z.literal(bundleFormat.version),
  files: z.record(path, entry),
})

type Entry = z.output<typeof entry>

/**
 * Files of a bundle by their paths, as the content of its manifest lists them.
 * @throws CheckpointError `bundle/version` for another version, `bundle/manifest` for what is no manifest.
 */
export function filesOfManifest(content: unknown, file: string): Readonly<Record<string, Entry>> {
  refuseOtherVersion(content, file)
  return parseFile(schema, content, file, 'bundle/manifest').files
}

/** Parts that a bundle can be shipped without: the graphs are made from the weights, or the weights are not read. */
const parts = [/^onnx\//, /^model[^/]*\.safetensors(\.index\.json)?$/]

/** Tell a file whose presence changes what is read from a bundle; any other beside the listed ones is nobody's business. */
const isRead = (name: string): boolean =>
  /^(config|tokenizer|tokenizer_config|preprocessor_config|processor_config|adapter_slots|compression)\.json$/.test(
    name,
  ) || /^model[^/]*\.safetensors(\.index\.json)?$|^onnx\/[^/]+\.onnx$/.test(name)

/**
 * Write the manifest of a folder that is complete: the last step of everything that writes bundles. Files that runtimes do not
 * read, such as a page about the model, are listed too.
 * @throws FileError of `writeFileAtomic`.
 */
export function writeManifest(directory: string): void {
  const files = Object.fromEntries(filesOf(directory).map((name) => [name, entryOf(join(directory, name))]))
  const content = { ...bundleFormat, files }
  writeFileAtomic(join(directory, manifestFile), `${JSON.stringify(content, undefined, 2)}\n`)
}

/** Contents of a bundle's folder, as its manifest lists them. */
export class Manifest {
  readonly #directory: string
  readonly #files: ReadonlyMap<string, Entry>

  private constructor(directory: string, files: Readonly<Record<string, Entry>>) {
    this.#directory = directory
    this.#files = new Map(Object.entries(files))
  }

  /**
   * The manifest of a folder, compared with the names and sizes of its files; undefined where it has none, as a run or a folder of
   * Hugging Face's. Contents are compared when they are read: see {@link requireBytes} and {@link requireFile}.
   * @throws CheckpointError `bundle/missing` or `bundle/altered` naming each file, `bundle/version` for another version,
   * `bundle/manifest` for a manifest that cannot be read.
   */
  static read(directory: string): Manifest | undefined {
    const file = join(directory, manifestFile)
    if (!existsSync(file)) return undefined
    const manifest = new Manifest(directory, filesOfManifest(readJson(file), file))
    manifest.#requireNamesAndSizes()
    return manifest
  }

  /** Paths of the files. */
  get names(): readonly string[] {
    return [...this.#files.keys()]
  }

  /**
   * Check bytes that were read from a file of the folder.
   * @throws CheckpointError `bundle/altered` naming the file.
   */
  requireBytes(name: string, bytes: Uint8Array): void {
    this.#require(name, createHash('sha256').update(bytes).digest('hex'))
  }

  /** Check a file by reading it; one that is not there is nobody's to check. @throws CheckpointError `bundle/altered`. */
  requireFile(name: string): void {
    const file = join(this.#directory, name)
    if (existsSync(file)) this.#require(name, entryOf(file).sha256)
  }

  /** Check the contents of all files that are there. @throws CheckpointError `bundle/altered`. */
  requireAll(): void {
    for (const name of this.#files.keys()) this.requireFile(name)
  }

  #require(name: string, sha256: string): void {
    const expected = this.#files.get(name)?.sha256
    if (expected !== sha256) throw altered(this.#directory, [`${name} has another content`])
  }

  #requireNamesAndSizes(): void {
    const names = new Set(filesOf(this.#directory))
    const missing = this.#missing(names)
    if (missing.length > 0) throw missingFiles(this.#directory, missing)
    const problems = [...names].flatMap((name) => {
      const listed = this.#files.get(name)
      if (listed === undefined) return isRead(name) ? [`${name} is not one of its files`] : []
      const { size } = statSync(join(this.#directory, name))
      return size === listed.bytes ? [] : [`${name} has ${size} bytes instead of ${listed.bytes}`]
    })
    if (problems.length > 0) throw altered(this.#directory, problems)
  }

  /** Listed files that are not there, unless one of the parts is left out as a whole. */
  #missing(names: ReadonlySet<string>): readonly string[] {
    const listed = [...this.#files.keys()]
    const left = parts.filter((part) => {
      const own = listed.filter((name) => part.test(name))
      return own.length > 0 && own.every((name) => !names.has(name))
    })
    const isLeft = (name: string) => left.length === 1 && left[0]!.test(name)
    return listed.filter((name) => !names.has(name) && !isLeft(name))
  }
}

/**
 * Check every file of a bundle by its content, as for a copy that just arrived on a robot. Runtimes check what they read by
 * themselves.
 * @throws CheckpointError of {@link Manifest.read}; `bundle/manifest` for a folder without a manifest.
 */
export function verifyBundle(directory: string): void {
  const manifest = Manifest.read(directory)
  if (manifest === undefined) throw noManifest(directory)
  manifest.requireAll()
}

const noManifest = (directory: string): CheckpointError =>
  new CheckpointError(
    'bundle/manifest',
    `${directory} has no ${manifestFile}, so that nothing can be compared. Export it as a bundle`,
    { directory },
  )

/** Paths of the files in a folder, with slashes, in order; without the manifest. */
function filesOf(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((found) => !found.isDirectory())
    .map((found) => relative(directory, join(found.parentPath, found.name)).replaceAll('\\', '/'))
    .filter((name) => name !== manifestFile)
    .sort()
}

/** Size and SHA-256 of a file, read piece by piece. */
function entryOf(file: string): Entry {
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(2 ** 20)
  const handle = openSync(file, 'r')
  let bytes = 0
  try {
    for (let read = -1; read !== 0; bytes += read) {
      read = readSync(handle, piece)
      hash.update(piece.subarray(0, read))
    }
  } finally {
    closeSync(handle)
  }
  return { bytes, sha256: hash.digest('hex') }
}

function refuseOtherVersion(content: unknown, file: string): void {
  const { format, version }: { format?: unknown; version?: unknown } = Object(content)
  if (format !== bundleFormat.format || version === bundleFormat.version) return
  throw new CheckpointError(
    'bundle/version',
    `${file}: this bundle is of version ${JSON.stringify(version)}, and this Visuomotor reads version ${bundleFormat.version}. ` +
      'Install the Visuomotor that wrote it, or export the model again with this one',
    { file, version, supported: bundleFormat.version },
  )
}

const missingFiles = (directory: string, missing: readonly string[]): CheckpointError =>
  new CheckpointError(
    'bundle/missing',
    `${directory} lacks ${missing.join(', ')}, which its ${manifestFile} lists. Copy the whole folder again`,
    { directory, files: missing },
  )

const altered = (directory: string, problems: readonly string[]): CheckpointError =>
  new CheckpointError(
    'bundle/altered',
    `${directory} is not as it was written: ${problems.join('; ')}. Copy the folder again or export the model again; ` +
      `if you changed it on purpose, remove its ${manifestFile}`,
    { directory, problems },
  )
