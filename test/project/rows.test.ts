import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ops } from '../../src/graph/index.ts'
import { families, headKinds } from '../../src/models/index.ts'
import { objectives } from '../../src/recipes/index.ts'

const source = join(import.meta.dirname, '../../src')
const names = [...Object.keys(families), ...Object.keys(objectives)]

/** Folders of the rows: what is in them belongs to one row. */
const ofRows = [
  'models/chunk-policy/',
  'models/clip/',
  'models/siglip/',
  'models/policy/',
  'models/vision-text-dual-encoder/',
  'models/vlm/',
  'recipes/objectives/',
]

/** The tables that list the rows, and recipes, which are written in terms of them. */
const tables = ['models/families.ts', 'recipes/built-in/']

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
  .map((entry) => relative(source, join(entry.parentPath, entry.name)))
  .filter((file) => ![...ofRows, ...tables].some((place) => file.startsWith(place)))

/** Code without comments, imports and exports. */
const codeOf = (file: string): string =>
  readFileSync(join(source, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/^(import|export) [^;]*?from '.*'$/gms, '')

/** Names that nothing else has: a graph asks for its op `sum`, not for an objective. */
const quoted = names
  .filter((name) => !Object.hasOwn(ops, name))
  .map((name) => `'${name}'`)
  .join('|')

/** Code that asks which family or objective it has: comparisons, switches, look-ups by a literal name. */
const branches = new RegExp(
  [
    String.raw`(model_type|objective\.kind|head\.kind)\s*[!=]==?`,
    String.raw`switch \([^)]*(model_type|objective\.kind|head\.kind)`,
    String.raw`[!=]==?\s*(${quoted})`,
    `case (${quoted})`,
    'instanceof (ClipModel|SiglipModel|VisionTextModel|PolicyModel)',
  ].join('|'),
  'g',
)

describe('outside their rows nothing asks which family, objective or head it has', () => {
  it('reads all of src but the rows', () => {
    expect(files.length).toBeGreaterThan(300)
    expect(Object.keys(headKinds).length).toBeGreaterThan(5)
  })

  it('finds no branch', () => {
    const found = files.flatMap((file) =>
      (codeOf(file).match(branches) ?? []).map((text) => `${file}: ${text}`),
    )
    expect(found).toEqual([])
  })

  it('would find one', () => {
    const wrong = ["if (model.model_type === 'clip')", "config.objective.kind === 'x'", "case 'imitation':"]
    for (const code of wrong) expect(code.match(branches), code).not.toBeNull()
  })
})
