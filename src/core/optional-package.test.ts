import { expect, test } from 'vitest'
import { ConfigError } from './errors.ts'
import { ifInstalled, optionalPackage } from './optional-package.ts'

const missing = (code: string) => async () => {
  throw Object.assign(new Error('not found'), { code })
}

test('a package that is there is loaded', async () => {
  expect(await optionalPackage('zod', 'a schema', () => import('zod'))).toHaveProperty('z')
})

test.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])(
  '%s names the package and the way out',
  async (code) => {
    expect(await ifInstalled(missing(code))).toBeUndefined()
    const error = await optionalPackage('vega vega-lite', 'a plot', missing(code)).catch((cause) => cause)
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'config/package', facts: { package: 'vega vega-lite' } })
    expect(error.message).toMatch(/^a plot needs .*: npm install vega vega-lite$/)
  },
)

test('another failure of a package stays what it is', async () => {
  await expect(optionalPackage('vega', 'a plot', missing('EACCES'))).rejects.toMatchObject({ code: 'EACCES' })
})
