import { readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { visuomotor } from '../../test/support/captured-output.ts'
import { instructionsOf } from './doctor/machine.ts'
import { found, optionalPackageFindings, purposes } from './doctor/packages.ts'
import { mpiFinding } from './doctor/programs.ts'
import { textOf } from './doctor.ts'

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))

test('doctor finds what is here, and tells no home and no host', async () => {
  vi.stubEnv('VISUOMOTOR_MPI', join(homedir(), 'secret/libmpi.so'))
  const { code, result } = await visuomotor('doctor', '--json')
  expect(code).toBe(0)
  const report = JSON.parse(result)
  const named = (section: string) =>
    Object.fromEntries(report[section].map((f: { name: string }) => [f.name, f]))
  expect(named('versions').visuomotor).toEqual({ name: 'visuomotor', state: 'ok', text: manifest.version })
  expect(named('devices')['ONNX Runtime'].text).toMatch(/^\d+\.\d+\.\d+/)
  expect(named('devices').cpu).toMatchObject({
    state: 'ok',
    text: expect.stringMatching(/^works, [\d,.]+ GFLOP/),
  })
  expect(named('machine').memory.text).toMatch(/^[\d.]+ GB, .* free/)
  expect(named('packages').sharp).toMatchObject({ state: 'ok', text: expect.stringMatching(/^\d+\./) })
  expect(named('programs-and-libraries').MPI).toMatchObject({
    state: 'missing',
    text: expect.stringContaining('~/secret'),
  })
  expect(result).not.toContain(homedir())
  expect(result).not.toContain(hostname())
})

test('a library for one name is told with its own words', () => {
  expect(mpiFinding({ VISUOMOTOR_MPI: '/nowhere/libmpi.so' })).toMatchObject({
    state: 'missing',
    text: 'VISUOMOTOR_MPI names /nowhere/libmpi.so, which is no MPI library',
    remedy: expect.stringContaining('apt install'),
  })
})

test('every optional package has a purpose, and a missing one the command that brings it', () => {
  const optional = { ...manifest.optionalDependencies, ...manifest.peerDependencies }
  expect(Object.keys(purposes).toSorted()).toEqual(Object.keys(optional).toSorted())
  const told = optionalPackageFindings().map(({ name }) => name)
  expect(told.toSorted()).toEqual(Object.keys(optional).toSorted())
  const missing = found('vega', '^6.4.0', 'plots of reports', ['/nowhere'])
  expect(textOf([{ title: 'Optional packages', findings: [missing] }])).toBe(
    'Optional packages\n- vega  missing (plots of reports)\n        npm install "vega@^6.4.0"',
  )
})

test('instructions are read from Linux on x64 and on arm64', () => {
  expect(instructionsOf('flags\t\t: fpu avx avx2 fma avx512f\n')).toBe('fma avx avx2 avx512f')
  expect(instructionsOf('Features\t: fp asimd asimddp\n')).toBe('asimd asimddp')
  expect(instructionsOf('')).toBe('not told by this system')
})
