import { defineConfig } from 'vitest/config'

const src = new URL('src/', import.meta.url).pathname

export default defineConfig({
  // Examples import the package by its name: in tests that is the source beside them, not a second, built copy.
  resolve: {
    alias: [
      { find: /^visuomotor$/, replacement: `${src}index.ts` },
      { find: /^visuomotor\/(.+)$/, replacement: `${src}$1/index.ts` },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
