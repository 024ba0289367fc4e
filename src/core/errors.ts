import type { ErrorCode } from './error-codes.ts'

/**
 * The one family of errors. Every error carries a stable `code`, the facts as fields, and a message that
 * says what is wrong, where, and the way out.
 */

/** Facts of an error: file, line, sample id, shapes, names. Plain data, so that they can be logged as JSON. */
export type ErrorFacts = Readonly<Record<string, unknown>>

/** Base of every error thrown on purpose by Visuomotor. */
export class VisuomotorError extends Error {
  /** Stable identifier, e.g. `shape/matmul`, `data/unreadable-image`; docs/errors.md lists all. */
  readonly code: ErrorCode
  readonly facts: ErrorFacts

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.facts = facts
  }
}

/** A graph was built from tensors whose shapes or dtypes do not fit. */
export class ShapeError extends VisuomotorError {}

/** A config, recipe or flag is wrong; the command line exits with 2. */
export class ConfigError extends VisuomotorError {}

/** A sample, file or line of a data set is unusable. */
export class DataError extends VisuomotorError {}

/** An action of a policy may not be carried out. */
export class ActionError extends VisuomotorError {}

/** ONNX Runtime or a device refused. */
export class EngineError extends VisuomotorError {}

/** A checkpoint or bundle is missing, damaged or does not fit. */
export class CheckpointError extends VisuomotorError {}

/** A file cannot be written. */
export class FileError extends VisuomotorError {}

/** A request to a server of models is refused, or a server's answer cannot be used. */
export class RequestError extends VisuomotorError {}

/** The simulated world refuses: a robot or command that does not fit, a state that is not finite. */
export class WorldError extends VisuomotorError {}

/** Training cannot go on: loss not finite, budget of bad samples used up. */
export class TrainingError extends VisuomotorError {}

/** One line that tells an error, with its code. */
export const errorLine = ({ code, message }: { readonly code: string; readonly message: string }): string =>
  `error [${code}]: ${message}`

/**
 * Codes of errors about something that a flag, an argument or a recipe names: it does not exist, or is of another kind
 * than is needed. Each such mistake is wrong usage, whichever room finds it.
 */
const misnamed: ReadonlySet<string> = new Set<ErrorCode>([
  'bundle/heads',
  'bundle/missing',
  'bundle/model-type',
  'data/missing-column',
  'data/missing-description',
  'data/missing-shard',
  'data/no-class-folders',
  'data/no-images',
  'data/no-shards',
  'data/unreadable-captions',
  'data/unreadable-folder',
  'file/is-a-directory',
  'world/missing-file',
  'world/unknown-command',
  'world/wrong-setting',
])

/** Exit code of a process that ends with an error: 2 for wrong settings and names, 1 for others. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  error instanceof ConfigError || (error instanceof VisuomotorError && misnamed.has(error.code)) ? 2 : 1
