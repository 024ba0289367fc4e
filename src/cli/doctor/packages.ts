import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { shellWord } from '../../core/index.ts'
import { type Finding, ok } from './finding.ts'

/** Purposes of the optional packages, by name. */
export const purposes: Readonly<Record<string, string>> = {
  '@foxglove/rosmsg': 'bags of ROS 2 (MCAP)',
  '@foxglove/rosmsg2-serialization': 'bags of ROS 2 (MCAP)',
  '@foxglove/wasm-lz4': 'bags of ROS 2 (MCAP)',
  '@foxglove/wasm-zstd': 'bags of ROS 2 (MCAP)',
  '@iconify-json/emojione': 'emoji of the recipes',
  '@iconify-json/fxemoji': 'emoji of the recipes',
  '@iconify-json/noto-v1': 'emoji of the recipes',
  '@iconify-json/streamline-emojis': 'emoji of the recipes',
  '@lobehub/fluent-emoji-3d': 'emoji of the recipes',
  '@mcap/core': 'bags of ROS 2 (MCAP)',
  '@mujoco/mujoco': 'the simulated world',
  '@resvg/resvg-js': 'plots as PNG, emoji drawn from SVG',
  compromise: 'verbs and nouns of captions',
  'emoji-datasource-google': 'emoji of the recipes',
  'emoji-datasource-twitter': 'emoji of the recipes',
  'emoji-google-oreo': 'emoji of the recipes',
  'emojibase-data': 'names of the emoji of the recipes',
  mediabunny: 'videos of data sets without ffmpeg, with node-av',
  'node-av': 'videos of data sets without ffmpeg, with mediabunny',
  'onnxruntime-web': 'bundles in a browser',
  'tar-stream': 'writing WebDataset, generated data',
  three: 'pictures of the simulated world',
  tsx: 'recipes in TypeScript',
  'umap-js': 'maps of neighbours',
  vega: 'plots of reports',
  'vega-lite': 'plots of reports',
}

interface Manifest {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const manifestOf = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8'))
const own = manifestOf(createRequire(import.meta.url).resolve('../../../package.json'))

/** The installed packages that always belong to this one; those with types only are left out. */
export const packageFindings = (): Finding[] =>
  Object.entries(own.dependencies ?? {})
    .filter(([name]) => !name.startsWith('@types/'))
    .map(([name, range]) => found(name, range))

/** The optional packages and optional peers, present or missing. */
export const optionalPackageFindings = (): Finding[] =>
  Object.entries({ ...own.optionalDependencies, ...own.peerDependencies }).map(([name, range]) =>
    found(name, range, purposes[name]),
  )

/** @param folders Where packages are looked for, first the nearest. Default: where this package's code finds them. */
export function found(
  name: string,
  range: string,
  purpose?: string,
  folders: readonly string[] = createRequire(import.meta.url).resolve.paths(name) ?? [],
): Finding {
  const file = folders.map((folder) => join(folder, name, 'package.json')).find(existsSync)
  if (file !== undefined) return ok(name, manifestOf(file).version ?? 'version unknown')
  return {
    name,
    state: 'missing',
    text: purpose === undefined ? 'missing' : `missing (${purpose})`,
    remedy: `npm install ${shellWord(`${name}@${range}`)}`,
  }
}
