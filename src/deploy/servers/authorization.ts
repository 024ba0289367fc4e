import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { RequestError } from '../../core/index.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Check of the token of a request; compared in constant time. */
export class Authorization {
  readonly #expected: Buffer | undefined

  /** @param token Undefined: everybody may ask. */
  constructor(token: string | undefined) {
    this.#expected = token === undefined ? undefined : digest(token)
  }

  /**
   * Let a request pass that carries the token, as `Authorization: Bearer …` or, as openpi's client sends it, `Api-Key …`.
   * @throws RequestError `serve/unauthorized`.
   */
  require({ authorization = '' }: IncomingHttpHeaders): void {
    if (this.#expected === undefined) return
    const given = /^(?:Bearer|Api-Key) +(\S+) *$/i.exec(authorization)?.[1]
    if (given !== undefined && timingSafeEqual(digest(given), this.#expected)) return
    throw new RequestError(
      'serve/unauthorized',
      given === undefined
        ? 'this server asks for its token: send the header Authorization: Bearer TOKEN, or Api-Key TOKEN'
        : 'the token is not the one of this server',
    )
  }
}

/**
 * Refuse a websocket that a page of another site opens: browsers let pages open websockets to any address, this machine's too.
 * @throws RequestError `serve/unauthorized`.
 */
export function requireOwnOrigin({ origin, host }: IncomingHttpHeaders): void {
  if (origin === undefined || origin.replace(/^https?:\/\//, '') === host) return
  throw new RequestError(
    'serve/unauthorized',
    `pages of ${origin.slice(0, 200)} may not open websockets here`,
  )
}
