import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

// A property that names its seed draws the same samples in every run: a failure is of the change that shows it.

const root = join(import.meta.dirname, '../..')
const files = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
)

/** Calls of `fc.assert` in a file, each with its line and whether its last argument names a seed. */
function propertiesIn(file: string, code: string): { readonly place: string; readonly seeded: boolean }[] {
  if (!code.includes('fc.assert')) return []
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true)
  const found: { place: string; seeded: boolean }[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'fc.assert') {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
      found.push({ place: `${file}:${line}`, seeded: namesSeed(node.arguments[1]) })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const namesSeed = (options: ts.Expression | undefined): boolean =>
  options !== undefined &&
  ts.isObjectLiteralExpression(options) &&
  options.properties.some((property) => property.name?.getText() === 'seed')

it('every property names its seed', () => {
  const found = files.flatMap((file) => propertiesIn(file, readFileSync(join(root, file), 'utf8')))
  expect(found.length).toBeGreaterThan(40)
  expect(found.filter(({ seeded }) => !seeded).map(({ place }) => place)).toEqual([])
})

it('would find one that names none', () => {
  const seedsOf = (code: string) => propertiesIn('a.ts', code).map(({ seeded }) => seeded)
  expect(seedsOf('fc.assert(fc.property(fc.nat(), (seed) => run({ seed: seed })))')).toEqual([false])
  expect(seedsOf('fc.assert(property, {\n  numRuns: 5,\n})')).toEqual([false])
  expect(seedsOf('await fc.assert(property, { numRuns: 5, seed: 7 })')).toEqual([true])
})
