import { TrackerRefusal } from './tracker.ts'

interface JsonRequest {
  readonly url: string | URL
  readonly headers?: Readonly<Record<string, string>>
  /** Content to post; without it the request is a GET. */
  readonly body?: unknown
  readonly signal: AbortSignal
}

/** A JSON object that a service answered. */
export type Answer = Readonly<Record<string, unknown>>

interface JsonAnswer {
  readonly status: number
  readonly content: Answer
}

/** Statuses after which another try may succeed, beside those from 500 on. */
const passing = [408, 425, 429]

/**
 * Ask a service in JSON.
 * @returns Answers of any status below 500 but those that pass by themselves.
 * @throws Error with the reason in words when there is no answer, or one that may be another next time; `TrackerRefusal` for what is
 * no JSON object.
 */
export async function requestJson({ url, headers, body, signal }: JsonRequest): Promise<JsonAnswer> {
  const content = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const type = { 'content-type': 'application/json' }
  const { status, text } = await fetched(url, { ...content, headers: { ...type, ...headers }, signal })
  if (status >= 500 || passing.includes(status)) throw new Error(`HTTP ${status}`)
  return { status, content: parsed(text, status) }
}

/** An answer to its end: one that breaks off or stalls is none. */
async function fetched(url: string | URL, options: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, options)
    return { status: response.status, text: await response.text() }
  } catch (cause) {
    throw new Error(reasonOf(cause as Error), { cause })
  }
}

/** The error that follows from an answer of a status from 400 on. */
export const refusal = ({ status }: JsonAnswer, message: unknown): TrackerRefusal =>
  new TrackerRefusal(`HTTP ${status}: ${String(message).slice(0, 300)}`)

function parsed(text: string, status: number): Answer {
  try {
    const content: unknown = JSON.parse(text)
    if (typeof content === 'object' && content !== null) return content as Answer
  } catch {}
  throw new TrackerRefusal(`HTTP ${status}, and the answer is no JSON: ${text.trim().slice(0, 80)}`)
}

/** Words for a request without an answer: `ECONNREFUSED`, `no answer in time`. */
function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time'
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
  return code ?? message
}

/** A number as JSON knows it, and the others by their names. */
export const jsonNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value))
