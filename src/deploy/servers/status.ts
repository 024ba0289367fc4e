import { type ErrorCode, VisuomotorError } from '../../core/index.ts'

/** Status of HTTP for the errors that a request may have by itself; all others are the server's, 500. */
const statuses: Partial<Record<ErrorCode, number>> = {
  'bundle/heads': 400,
  'data/camera-pixels': 400,
  'data/no-command': 422,
  'data/unreadable-image': 400,
  'deploy/camera': 400,
  'deploy/joint-state': 400,
  'deploy/not-finite': 422,
  'deploy/outside-envelope': 422,
  'serve/busy': 503,
  'serve/deadline': 503,
  'serve/image': 400,
  'serve/instance': 503,
  'serve/media-type': 415,
  'serve/message': 400,
  'serve/method': 405,
  'serve/not-finite': 400,
  'serve/not-found': 404,
  'serve/observation': 400,
  'serve/request': 400,
  'serve/slow': 408,
  'serve/stopping': 503,
  'serve/tensor': 400,
  'serve/too-large': 413,
  'serve/unauthorized': 401,
}

/** Description of an error for a client. */
export interface AnsweredError {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

/**
 * An error as a client is told of it. The message of one that is the server's own fault stays with the server: it may name
 * files and other things of it.
 */
export function answeredError(error: unknown): AnsweredError {
  const code = error instanceof VisuomotorError ? error.code : 'internal'
  const status = error instanceof VisuomotorError ? statuses[error.code] : undefined
  if (status === undefined || !(error instanceof VisuomotorError))
    return { status: 500, code, message: 'the server failed; its log says why', facts: {} }
  return { status, code, message: error.message, facts: error.facts }
}

/** Seconds after which a client may try again; undefined where trying again is of no use. */
export const retryAfter = ({ status }: AnsweredError): number | undefined => (status === 503 ? 1 : undefined)
