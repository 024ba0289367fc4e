import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const examples = fileURLToPath(new URL('examples/', import.meta.url))

export default defineConfig({
  plugins: [
    {
      // Examples import the package by its name: in tests that is the source beside them, not a second, built copy.
      name: 'examples-import-the-source',
      enforce: 'pre',
      resolveId(id, importer) {
        const room = /^visuomotor(\/.+)?$/.exec(id)
        if (room && importer?.startsWith(examples))
          return fileURLToPath(new URL(`src${room[1] ?? ''}/index.ts`, import.meta.url))
        return undefined
      },
    },
  ],
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
