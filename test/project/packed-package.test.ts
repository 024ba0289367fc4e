import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const project = mkdtempSync(join(tmpdir(), 'project-'))
const installed = join(project, 'node_modules/visuomotor')
afterAll(() => rmSync(project, { recursive: true, force: true }))

/** Packages that an installation brings, beside those for development. */
function dependencies(): string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries<{ dev?: boolean }>(lock.packages)
    .filter(([path, { dev }]) => /^node_modules\/[^/]+(\/[^/]+)?$/.test(path) && !dev)
    .map(([path]) => path)
    .filter((path) => existsSync(join(root, path)))
}

beforeAll(() => {
  const pack = ['pack', '--ignore-scripts', '--offline', '--pack-destination', project]
  const tarball = execFileSync('npm', pack, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', join(project, tarball), '-C', installed, '--strip-components', '1'])
  for (const path of dependencies()) {
    mkdirSync(dirname(join(project, path)), { recursive: true })
    symlinkSync(join(root, path), join(project, path))
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
})

describe('the package, installed in an empty project', () => {
  test('has its program, its pages and its examples, and no tests', () => {
    for (const file of ['dist/cli/main.js', 'docs/cli.md', 'examples/own-data/train.ts', 'LICENSE'])
      expect(existsSync(join(installed, file)), file).toBe(true)
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => /\.test\.|tsbuildinfo|^(src|test|node_modules)\b/.test(file))).toEqual([])
  })

  test('has whatever its pages link to', () => {
    const pages = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /^(README\.md|docs\/.*\.md|examples\/.*\.md)$/.test(file),
    )
    const missing = pages.flatMap((page) => {
      const text = readFileSync(join(installed, page), 'utf8')
      const targets = Array.from(text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g), ([, target]) => target!)
      return targets
        .filter((target) => !/^\w+:/.test(target) && !existsSync(join(installed, dirname(page), target)))
        .map((target) => `${page}: ${target}`)
    })
    expect(pages.length).toBeGreaterThan(20)
    expect(missing).toEqual([])
  })

  test('type-checks every entry and a recipe, by the compiler’s own defaults and with the libraries checked', () => {
    const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    const entries = Object.keys(exports).map(
      (path, i) => `import * as entry${i} from 'visuomotor${path.slice(1)}'`,
    )
    const used = entries.map((_, i) => `entry${i}`).join(', ')
    writeFileSync(join(project, 'entries.ts'), `${entries.join('\n')}\nexport const all = [${used}]\n`)
    cpSync(join(installed, 'examples/own-data/train.ts'), join(project, 'train.ts'))
    const compilerOptions = {
      module: 'NodeNext',
      strict: true,
      skipLibCheck: false,
      skipDefaultLibCheck: true,
      noEmit: true,
    }
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['entries.ts', 'train.ts'] }),
    )
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })
})
