import { readFileSync } from 'node:fs'
import { ConfigError } from '../../core/index.ts'
import type { RuntimeOptions } from '../load-graphs.ts'
import type { DemoFiles } from './demo-files.ts'
import type { Gallery } from './gallery.ts'
import type { Limits } from './limits.ts'

/** Files of a TLS certificate and its key, in PEM. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

/** Options of a server. */
export interface ServerOptions extends Omit<RuntimeOptions, 'families'> {
  /** Address to listen on. Default `127.0.0.1`: this machine only. */
  readonly host?: string | undefined
  /** Port; 0 takes a free one. Default 8000, as openpi's. */
  readonly port?: number | undefined
  /** Token that requests must carry. Default none, which is allowed on this machine only. */
  readonly token?: string | undefined
  /** Default: no TLS. */
  readonly tls?: TlsFiles | undefined
  /** Name of the model for clients. Default: that of its folder. */
  readonly name?: string | undefined
  /** Key of the image that a policy reads in openpi's observations. Default `observation/image`. */
  readonly camera?: string | undefined
  /** Label whose values are the `actions` of openpi. Default: joints, grasp or navigation, else the first. */
  readonly action?: string | undefined
  /** Page under `/demo/` that computes the bundle in its visitor's browser: `demoFiles()`. Default: none. */
  readonly demo?: DemoFiles | undefined
  /** Images that `/v1/search` finds, of a dual encoder, and that the page of `demo` begins with. Default: none. */
  readonly gallery?: Gallery | undefined
  /**
   * Paths of modules that export `families` of your own, for a bundle of one of them. They are imported by the server and by its
   * instances. Default: none.
   */
  readonly extensions?: readonly string[] | undefined
  readonly limits?: Partial<Limits> | undefined
}

const isLocal = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

/**
 * Check that only this machine can ask a server without a token.
 * @throws ConfigError `serve/address`; `serve/option` for a token that no header can carry.
 */
export function requireSafeAddress({ host = '127.0.0.1', token }: ServerOptions): void {
  if (token !== undefined && !/^[\x21-\x7e]{8,}$/.test(token))
    throw new ConfigError('serve/option', 'a token has 8 or more printable ASCII characters, and no spaces')
  if (token !== undefined || isLocal(host)) return
  throw new ConfigError(
    'serve/address',
    `on ${host} others than this machine could use the model. Give the server a token, or listen on 127.0.0.1`,
    { host },
  )
}

/** Certificate and key. @throws ConfigError `serve/option` naming the file that cannot be read. */
export function readTls({ certificate, key }: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readPem(certificate), key: readPem(key) }
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const message = `${file} of the TLS certificate cannot be read: ${(cause as Error).message}`
    throw new ConfigError('serve/option', message, { file }, { cause })
  }
}
