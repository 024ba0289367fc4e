import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { CheckpointError } from '../core/index.ts'

/**
 * The content of a JSON file of a bundle.
 * @throws CheckpointError `bundle/missing` or `bundle/not-json`, naming the file.
 */
export function readJson(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const message = `${file} cannot be read. Export the model again, or copy the whole folder`
    throw new CheckpointError('bundle/missing', message, { file }, { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = `${file} is not JSON (${(cause as Error).message}). Export the model again, or copy the whole folder`
    throw new CheckpointError('bundle/not-json', message, { file }, { cause })
  }
}

/**
 * Content that a schema accepts.
 * @throws CheckpointError with `code`, naming the file and each key that does not fit.
 */
export function parseFile<T>(
  schema: z.ZodType<T>,
  content: unknown,
  file: string,
  code: CheckpointError['code'],
): T {
  const result = schema.safeParse(content)
  if (result.success) return result.data
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'content'}: ${message}`,
  )
  throw new CheckpointError(
    code,
    `${file}: ${problems.join('; ')}`,
    { file, problems },
    { cause: result.error },
  )
}
