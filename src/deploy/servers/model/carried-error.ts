import {
  CheckpointError,
  ConfigError,
  DataError,
  EngineError,
  type ErrorCode,
  type ErrorFacts,
  RequestError,
  ShapeError,
  VisuomotorError,
} from '../../../core/index.ts'

const classes = {
  CheckpointError,
  ConfigError,
  DataError,
  EngineError,
  RequestError,
  ShapeError,
  VisuomotorError,
} as const

/** An error as plain data, on its way between processes. */
export interface CarriedError {
  readonly name: string
  readonly message: string
  /** Undefined for an error that nobody foresaw. */
  readonly code: ErrorCode | undefined
  readonly facts: ErrorFacts
}

/** An error as plain data. Facts that cannot be JSON are left out. */
export function carried(error: unknown): CarriedError {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (!(error instanceof VisuomotorError)) return { name, message, code: undefined, facts: {} }
  return { name, message, code: error.code, facts: JSON.parse(JSON.stringify(error.facts)) as ErrorFacts }
}

/** The error again, of the class that it had. */
export function uncarried({ name, message, code, facts }: CarriedError): Error {
  if (code === undefined) return Object.assign(new Error(message), { name })
  const known: Readonly<Record<string, typeof VisuomotorError>> = classes
  return new (known[name] ?? VisuomotorError)(code, message, facts)
}
