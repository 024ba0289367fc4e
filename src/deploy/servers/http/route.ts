import type { IncomingMessage } from 'node:http'
import type { FormKeys } from './form-keys.ts'
import type { TaskName } from './schemas.ts'

/** A file as a body, which is sent as it is read. */
export interface FileBody {
  readonly file: string
  readonly bytes: number
}

/** Answer to a request. */
export interface Reply {
  readonly status: number
  /** Type of the body. Default JSON. */
  readonly type?: string
  readonly body: string | Uint8Array | FileBody
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that a route answers. */
export interface Asked {
  readonly incoming: IncomingMessage
  /** Parts of the path by the names that the route gives them. */
  readonly params: Readonly<Record<string, string>>
}

/** A path of the server and a method, with what answers them. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** Path, in which `{name}` stands for any part. */
  readonly path: string
  /** Values that the parts may have, for the OpenAPI document. */
  readonly values?: Readonly<Record<string, readonly string[]>>
  /** Bodies of a task: names of their schemas, and the fields of a form. */
  readonly task?: { readonly name: TaskName; readonly keys: FormKeys }
  /** True for a route without a token, as of health. */
  readonly isOpen?: true
  answer(asked: Asked): Reply | Promise<Reply>
}

/** An answer in JSON. */
export const json = (content: unknown, status = 200): Reply => ({ status, body: JSON.stringify(content) })

/** An answer in plain text. */
export const plain = (body: string, status = 200): Reply => ({ status, body, type: 'text/plain' })

/** Routes by method and path. */
export class Router {
  readonly #routes: readonly { readonly route: Route; readonly pattern: RegExp }[]

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, pattern: patternOf(route.path) }))
  }

  /** The route of a request; else the methods that its path has, none for an unknown path. */
  find(
    method: string,
    path: string,
  ): { readonly route: Route; readonly params: Record<string, string> } | { readonly allowed: string[] } {
    const allowed: string[] = []
    for (const { route, pattern } of this.#routes) {
      const match = pattern.exec(path)
      if (!match) continue
      if (route.method === method || (method === 'HEAD' && route.method === 'GET'))
        return { route, params: decoded(match.groups ?? {}) }
      allowed.push(route.method)
    }
    return { allowed }
  }
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)

const decoded = (groups: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(groups).map(([name, part]) => [name, decodedPart(part)]))

function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // an escape that is none; no name has it
  }
}
