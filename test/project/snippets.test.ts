import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

interface Snippet {
  /** Page and line of its first line. */
  readonly place: string
  readonly text: string
}

/** The TypeScript of a page: its fenced blocks. */
function snippetsOf(page: string): Snippet[] {
  const content = readFileSync(join(root, page), 'utf8')
  return Array.from(content.matchAll(/^```ts\n([\s\S]*?)^```/gm), ({ 1: text, index }) => ({
    place: `${page}:${content.slice(0, index).split('\n').length + 1}`,
    text: text!,
  }))
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
]
const snippets = pages.filter((page) => page.endsWith('.md')).flatMap(snippetsOf)

/** Keys of a recipe in themselves are a part of one. */
const asModule = (text: string): string =>
  /^\w+: /.test(text)
    ? `import type { RecipeInput } from 'visuomotor'\nexport const part: Partial<RecipeInput> = {\n${text}}`
    : `${text}\nexport {}\n`

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  strict: true,
  noImplicitAny: false,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
  paths: { visuomotor: [join(root, 'dist/index.d.ts')], 'visuomotor/*': [join(root, 'dist/*/index.d.ts')] },
}

const nameOf = (index: number): string => join(root, `docs/snippet-${index}.ts`)

/** A program of these files, which exist in memory only. */
function programOf(texts: readonly string[], before?: ts.Program): ts.Program {
  const files = new Map(texts.map((text, index) => [nameOf(index), text]))
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (file) => files.has(file) || fileExists(file)
  host.readFile = (file) => files.get(file) ?? readFile(file)
  host.getSourceFile = (file, ...rest) => {
    const text = files.get(file)
    if (text === undefined) return before?.getSourceFile(file) ?? getSourceFile(file, ...rest)
    return ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true)
  }
  return ts.createProgram([...files.keys()], options, host)
}

const problemsIn = (program: ts.Program, index: number): readonly ts.Diagnostic[] => {
  const file = program.getSourceFile(nameOf(index))
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
}

/** Names that a snippet uses and nothing declares. */
function undeclared(program: ts.Program, index: number): Set<string> {
  const checker = program.getTypeChecker()
  const names = new Set<string>()
  const anything = ts.SymbolFlags.Value | ts.SymbolFlags.Type | ts.SymbolFlags.Namespace
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isUse(node) && !checker.resolveName(node.text, node, anything, false))
      names.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(program.getSourceFile(nameOf(index))!)
  return names
}

/** Tell an identifier that refers to something from the name of a property, label or element. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression.end === node.end
  if (node.text === 'const') return false // `as const`
  if (ts.isQualifiedName(parent) || ts.isImportSpecifier(parent) || ts.isLabeledStatement(parent))
    return false
  if (ts.isPropertyAssignment(parent)) return parent.initializer.end === node.end
  return !ts.isBindingElement(parent) && !ts.isPropertySignature(parent) && !ts.isMethodDeclaration(parent)
}

/** Exports of the package's main entry. */
function exportsOf(program: ts.Program): Set<string> {
  const checker = program.getTypeChecker()
  const entry = checker.getSymbolAtLocation(program.getSourceFile(join(root, 'dist/index.d.ts'))!)
  return new Set(checker.getExportsOfModule(entry!).map(({ name }) => name))
}

/** Declarations of what a snippet takes for granted: exports of the package, or things of the reader's. */
const preamble = (names: ReadonlySet<string>, known: ReadonlySet<string>): string =>
  [...names]
    .map((name) =>
      known.has(name)
        ? `import { ${name} } from 'visuomotor'; `
        : `declare const ${name}: any; type ${name}<_A = any, _B = any> = any; `,
    )
    .join('')

test('snippets of the pages are valid TypeScript of this package', () => {
  const modules = ["import 'visuomotor'\n", ...snippets.map(({ text }) => asModule(text))]
  const first = programOf(modules)
  const known = exportsOf(first)
  const completed = modules.map((text, i) => preamble(undeclared(first, i), known) + text)
  const program = programOf(completed, first)
  const wrong = snippets.flatMap(({ place }, i) =>
    problemsIn(program, i + 1).map(
      ({ messageText }) => `${place}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    ),
  )
  expect(snippets.length).toBeGreaterThan(40)
  expect(wrong).toEqual([])
})
