import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError, keepEarlier, writeFileAtomic } from '../../core/index.ts'
import { evaluationPage } from '../../report/index.ts'
import type { SuiteResult } from './suite-result.ts'

/** Files of an evaluation. */
const evaluationFiles = { numbers: 'evaluation.json', page: 'evaluation.html' } as const

/** Paths of what was written, and where the files of an earlier evaluation are now. */
export interface WrittenFiles {
  readonly numbers: string
  readonly page: string
  readonly earlier: string | undefined
}

/**
 * Write the numbers and the page of an evaluation; files of an earlier one are kept under the next free number.
 * Numbers that are not finite are null in the file.
 * @throws FileError of `writeFileAtomic`.
 */
export function writeEvaluation(directory: string, result: SuiteResult): WrittenFiles {
  const [numbers, page] = [join(directory, evaluationFiles.numbers), join(directory, evaluationFiles.page)]
  const earlier = keepEarlier(directory, Object.values(evaluationFiles))
  writeFileAtomic(numbers, `${JSON.stringify(storedOf(result), undefined, 1)}\n`)
  writeFileAtomic(page, evaluationPage(result))
  return { numbers, page, earlier }
}

/** A result without its part of a page, which is made of HTML. */
export const storedOf = (result: SuiteResult): object => ({
  ...result,
  tests: mapValues(result.tests, (found) =>
    mapValues(found, ({ sections: _, figures: __, ...numbers }) => numbers),
  ),
})

const number = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)
const measured = z.object({
  value: number,
  interval: z.tuple([number, number]).exactOptional(),
  better: z.enum(['max', 'min']).exactOptional(),
  unit: z.enum(['fraction', 'points']).exactOptional(),
  count: number,
})
const sampleValues = z.object({
  ids: z.array(z.string()),
  values: z.array(number),
  clusters: z.array(z.string()).exactOptional(),
})
const findings = z.object({
  metrics: z.record(z.string(), measured),
  headline: z.array(z.string()),
  samples: z.record(z.string(), sampleValues),
  details: z.record(z.string(), z.unknown()).exactOptional(),
  sections: z.array(z.never()).default([]),
})
const provenance = z.looseObject({
  model: z.record(z.string(), z.string()),
  data: z.record(z.string(), z.object({ sha256: z.string(), samples: z.number() })),
  files: z.record(z.string(), z.string()).exactOptional(),
  versions: z.record(z.string(), z.string()),
  seed: z.number(),
  suite: z.looseObject({ name: z.string(), tests: z.record(z.string(), z.unknown()) }),
  settings: z.looseObject({ device: z.string(), onBadSample: z.enum(['fail', 'skip']) }),
  command: z.array(z.string()),
})
const aggregated = z.object({
  mean: number,
  worst: z.object({ test: z.string(), measured }),
  spread: number.exactOptional(),
  tests: z.number(),
})
const schema = z.object({
  suite: z.string(),
  directory: z.string(),
  tests: z.record(z.string(), z.record(z.string(), findings)),
  aggregate: z.record(z.string(), aggregated),
  failed: z
    .array(z.object({ test: z.string(), evaluator: z.string(), code: z.string(), message: z.string() }))
    .exactOptional(),
  provenance,
})

/**
 * Read `evaluation.json`; the parts of its page are empty.
 * @throws DataError `evaluation/file` for a file that is none, naming it and the key.
 */
export function readEvaluation(file: string): SuiteResult {
  const parsed = schema.safeParse(contentOf(file))
  if (parsed.success) return parsed.data as unknown as SuiteResult
  const [issue] = parsed.error.issues
  throw notAnEvaluation(file, `${issue!.path.join('.')}: ${issue!.message}`)
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw notAnEvaluation(file, (cause as Error).message, cause)
  }
}

const notAnEvaluation = (file: string, reason: string, cause?: unknown): DataError =>
  new DataError(
    'evaluation/file',
    `${file} is not the evaluation.json of a suite: ${reason}. Write one with visuomotor evaluate MODEL --suite NAME`,
    { file },
    { cause },
  )

const mapValues = <In, Out>(
  record: Readonly<Record<string, In>>,
  change: (value: In) => Out,
): Readonly<Record<string, Out>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
