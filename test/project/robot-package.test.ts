import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeBundle } from '../../src/deploy/index.ts'
import { tinyBundle, tinyPolicy } from '../support/tiny-bundle.ts'

const root = join(import.meta.dirname, '../..')
const project = mkdtempSync(join(tmpdir(), 'robot-'))
const installed = join(project, 'node_modules/visuomotor')
afterAll(() => rmSync(project, { recursive: true, force: true }))

interface Locked {
  readonly version: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
}

const lock: Readonly<Record<string, Locked>> = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
).packages

/** Compiled parts of koffi and sharp, which npm takes for optional: a robot's installation names them. */
const compiled = [
  `@koromix/koffi-${process.platform}-${process.arch}`,
  `@img/sharp-${process.platform}-${process.arch}`,
  `@img/sharp-libvips-${process.platform}-${process.arch}`,
].map((name) => `node_modules/${name}`)

/** Packages that `npm install visuomotor --omit=optional` brings, and the compiled parts of this machine. */
const packages = [
  ...Object.entries(lock)
    .filter(([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional)
    .map(([path]) => path),
  ...compiled.filter((path) => lock[path] !== undefined),
]

beforeAll(async () => {
  const pack = ['pack', '--ignore-scripts', '--offline', '--pack-destination', project]
  const tarball = execFileSync('npm', pack, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', join(project, tarball), '-C', installed, '--strip-components', '1'])
  for (const path of packages.filter((name) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(name))) {
    mkdirSync(dirname(join(project, path)), { recursive: true })
    symlinkSync(join(root, path), join(project, path))
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  await writeBundle(join(project, 'policy'), tinyPolicy())
  await writeBundle(join(project, 'clip'), tinyBundle('clip'))
})

/** Bytes of the files of a folder; packages inside of it count by themselves. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((sum, entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return sum + bytesOf(path)
      return sum + (entry.isFile() ? statSync(path).size : 0)
    }, 0)
}

/** Result of a module that a robot's process runs. */
function run(
  code: string,
  cwd = project,
): {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
} {
  const argv = ['--input-type=module', '--eval', code]
  return spawnSync(process.execPath, argv, { cwd, encoding: 'utf8' })
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

test('is at most 60 MB beside onnxruntime-node, with the compiled parts of this machine', () => {
  const sizes = packages.map((path) => [path, bytesOf(join(root, path))] as const)
  const others = sizes.filter(([path]) => path !== 'node_modules/onnxruntime-node')
  const own = bytesOf(installed)
  const total = others.reduce((sum, [, bytes]) => sum + bytes, own)
  const largest = [...others].sort(([, a], [, b]) => b - a).slice(0, 5)
  const list = largest.map(([path, bytes]) => `${path.slice(13)} ${megabytes(bytes)}`).join(', ')
  console.log(
    `a robot's installation: ${megabytes(total)} beside onnxruntime-node (${list}; ours ${megabytes(own)})`,
  )
  expect(packages.length).toBeGreaterThan(10)
  expect(total).toBeLessThan(60e6)
})

test('lacks what only training or looking needs, which a clone has', () => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const name of ['@mujoco/mujoco', 'onnxruntime-web', 'three', 'vega', 'emojibase-data', 'tsx']) {
    expect(optionalDependencies).toHaveProperty([name])
    expect(dependencies).not.toHaveProperty([name])
    expect(existsSync(join(project, 'node_modules', name)), name).toBe(false)
    expect(existsSync(join(root, 'node_modules', name)), name).toBe(true)
  }
})

describe('a process of a robot', () => {
  test.each([
    [
      'policy',
      `const policy = await PolicyRuntime.load('policy', { threads: 1 })
       await policy.act({ cameras: { camera }, command: 'a red car' })`,
    ],
    [
      'dual encoder',
      `const encoder = await DualEncoderRuntime.load('clip', { threads: 1 })
       await encoder.embedImages([camera])`,
    ],
  ])('gives the first answer of a %s', (name, answer) => {
    const { stdout, stderr, status } = run(`
      const { DualEncoderRuntime, PolicyRuntime } = await import('visuomotor/deploy')
      const camera = { width: 64, height: 48, data: new Uint8Array(3 * 64 * 48) }
      ${answer}
      console.log(performance.now())`)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    console.log(`first answer of a small ${name}: ${Math.round(Number(stdout))} ms after the process began`)
    expect(Number(stdout)).toBeGreaterThan(0)
  })

  test('imports every entry of the package', () => {
    const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    const imports = Object.keys(exports).map((path) => `await import('visuomotor${path.slice(1)}')`)
    expect(run(imports.join('\n'))).toMatchObject({ status: 0, stderr: '' })
  })

  test.each([
    [
      'plots',
      `(await import('visuomotor/report')).linePlot({ title: '', x: {}, y: {}, series: [] })`,
      'vega vega-lite',
    ],
    ['the world', `(await import('visuomotor/world')).loadMujoco()`, '@mujoco/mujoco'],
    ['a page', `(async () => (await import('visuomotor/deploy/servers')).demoFiles())()`, 'onnxruntime-web'],
    ['words', `(await import('visuomotor/data')).extractActionsAndObjects('go')`, 'compromise'],
  ])('that wants %s is told which package to install', (_, use, name) => {
    const { stdout } = run(`await ${use}.catch(({ code, message }) => console.log(code, message))`)
    expect(stdout).toContain('config/package')
    expect(stdout).toContain(`npm install ${name}`)
  })

  test('runs the command line, which names a package that is missing', () => {
    const cli = (...args: string[]) =>
      spawnSync(process.execPath, [join(installed, 'dist/cli/main.js'), ...args], {
        cwd: project,
        encoding: 'utf8',
      })
    expect(cli('--version').status).toBe(0)
    writeFileSync(join(project, 'recipe.ts'), 'export default {}')
    // From 22.18 on Node reads such a file by itself, and what is wrong is its content.
    const readsTypeScript = 'typescript' in process.features && process.features.typescript
    expect(cli('train', 'recipe.ts').stderr).toMatch(
      readsTypeScript ? /error \[config\/recipe\]/ : /tsx, which is not installed/,
    )
    expect(cli('train', 'emoji').stderr).toMatch(/\[data\/package-missing\].*npm install/)
  })
})

describe('loading a bundle', () => {
  test('runs nothing of its folder', async () => {
    const folder = join(project, 'hostile')
    await writeBundle(folder, tinyPolicy())
    const code = `import { writeFileSync } from 'node:fs'\nwriteFileSync('executed', '')\n`
    for (const name of ['index.js', 'modeling.py', 'config.js', 'tokenizer.mjs'])
      writeFileSync(join(folder, name), code)
    mkdirSync(join(folder, 'node_modules/koffi'), { recursive: true })
    writeFileSync(join(folder, 'node_modules/koffi/index.js'), code)
    const hooks = `import { writeSync } from 'node:fs'
      export async function load(url, context, next) {
        writeSync(2, url + '\\n')
        return next(url, context)
      }`
    const register = `import { register } from 'node:module'
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}))`
    writeFileSync(join(project, 'register.mjs'), register)
    writeFileSync(
      join(project, 'act.mjs'),
      `const { PolicyRuntime } = await import('visuomotor/deploy')
      const camera = { width: 32, height: 32, data: new Uint8Array(3 * 32 * 32) }
      const policy = await PolicyRuntime.load('hostile', { threads: 1 })
      await policy.act({ cameras: { camera }, command: 'a red car' })`,
    )
    const argv = ['--import', './register.mjs', 'act.mjs']
    const { stderr, status } = spawnSync(process.execPath, argv, { cwd: project, encoding: 'utf8' })
    expect(status).toBe(0)
    expect(stderr).toContain('/dist/deploy/index.js')
    expect(stderr).not.toContain('hostile')
    expect(existsSync(join(project, 'executed'))).toBe(false)
  })
})

describe('what the pages say of a robot', () => {
  test('README names the compiled parts in the versions of the lock file', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    for (const name of [
      '@koromix/koffi-linux-arm64',
      '@img/sharp-linux-arm64',
      '@img/sharp-libvips-linux-arm64',
    ])
      expect(readme).toContain(`${name}@${lock[`node_modules/${name}`]!.version}`)
  })

  test('without the compiled part of koffi, an error names it', () => {
    const bare = join(project, 'bare/node_modules')
    mkdirSync(bare, { recursive: true })
    cpSync(join(installed, 'dist'), join(bare, 'visuomotor/dist'), { recursive: true })
    cpSync(join(installed, 'package.json'), join(bare, 'visuomotor/package.json'))
    cpSync(join(root, 'node_modules/koffi'), join(bare, 'koffi'), { recursive: true })
    for (const name of readdirSync(join(project, 'node_modules')))
      if (!['koffi', '@koromix', 'visuomotor'].includes(name))
        symlinkSync(realpathSync(join(project, 'node_modules', name)), join(bare, name))
    rmSync(join(project, 'node_modules/@koromix'), { recursive: true })
    const { stdout } = run(
      "await import('visuomotor/deploy').catch(({ code, message }) => console.log(code, message))",
      join(project, 'bare'),
    )
    expect(stdout).toMatch(/^engine\/koffi .*npm install @koromix\/koffi-\w+-\w+@\d/)
  })

  test.skipIf(process.platform === 'win32')('the command that drops other machines leaves this one', () => {
    const page = readFileSync(join(root, 'docs/deploy.md'), 'utf8')
    const command = /```sh\n(find node_modules\/onnxruntime-node[^`]*)```/.exec(page)![1]!
    const own = `${process.platform}/${process.arch}`
    const folder = join(project, 'drop')
    const bin = join(folder, 'node_modules/onnxruntime-node/bin/napi-v6')
    for (const machine of new Set(['darwin/arm64', 'linux/arm64', 'linux/x64', 'win32/x64', own])) {
      mkdirSync(join(bin, machine), { recursive: true })
      writeFileSync(join(bin, machine, 'libonnxruntime'), '')
    }
    execFileSync('sh', ['-c', command], { cwd: folder })
    const left = readdirSync(bin, { recursive: true, encoding: 'utf8' })
    expect(left.filter((file) => file.endsWith('libonnxruntime'))).toEqual([`${own}/libonnxruntime`])
  })
})
