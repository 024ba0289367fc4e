import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/**
 * Tests that need a process of their own: they replace a module for all who import it, or compare the peak memory of
 * processes that they start, which begins at that of the process that starts them.
 */
const alone = [
  'src/data/loader-threads.test.ts',
  'src/data/sources/emoji/source-use.test.ts',
  'test/engine/checkpoint-memory.test.ts',
  'test/training/deep-clip.test.ts',
  'test/training/full-disk.test.ts',
]

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
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    restoreMocks: true,
    unstubEnvs: true,
    setupFiles: ['test/support/equal-bytes.ts'],
    projects: [
      {
        // Files share two processes, one after another: loading the source anew for each took a fifth of the time.
        extends: true,
        test: {
          name: 'together',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: alone,
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'alone', include: alone, sequence: { groupOrder: 2 } } },
    ],
  },
})
