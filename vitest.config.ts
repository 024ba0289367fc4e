import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

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

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
/** Folders whose modules import the package by its name, as those of users do. */
const ofUsers = ['examples/', 'test/serve/own-families/'].map(pathOf)

/** What a room gives to others, and what gives it instead in tests. */
const standIns = [
  ['core', 'built-worker-module.ts', './worker-module.ts'],
  ['engine', 'one-thread-engine.ts', './engine.ts'],
] as const

/**
 * Files that start processes and train for tens of seconds begin first, so that no worker waits for the last of them. Their size,
 * which Vitest goes by where no earlier run is known, tells nothing of that.
 */
class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) =>
      /\/test\/(webgpu|cli|engine|training|compression)\//.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  plugins: [
    {
      // Examples import the package by its name: in tests that is the source beside them, not a second, built copy.
      name: 'examples-import-the-source',
      enforce: 'pre',
      resolveId(id, importer) {
        const room = /^visuomotor(\/.+)?$/.exec(id)
        if (room && ofUsers.some((folder) => importer?.startsWith(folder)))
          return pathOf(`src${room[1] ?? ''}/index.ts`)
        return undefined
      },
    },
    {
      name: 'stand-ins',
      enforce: 'pre',
      resolveId(id, importer) {
        const [room, file] = standIns.find(([, , own]) => own === id) ?? []
        return file && importer === pathOf(`src/${room}/index.ts`)
          ? pathOf(`test/support/${file}`)
          : undefined
      },
    },
  ],
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    restoreMocks: true,
    sequence: { sequencer: LongFilesFirst },
    unstubEnvs: true,
    globalSetup: ['test/support/build-package.ts'],
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
