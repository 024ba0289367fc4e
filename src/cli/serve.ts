import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ConfigError } from '../core/index.ts'
import { imageFiles } from '../data/index.ts'
import type { CheckpointChoice } from '../deploy/index.ts'
import { defaultLimits, demoFiles, type ServerOptions, serve } from '../deploy/servers/index.ts'
import type { DeviceName } from '../engine/index.ts'
import { interruptible } from './interruption.ts'
import {
  checkpointOption,
  deviceOption,
  familiesOption,
  jsonOption,
  parseCount,
  parsePort,
  threadsOption,
} from './options.ts'
import type { Output } from './output.ts'

interface ServeOptions {
  readonly host?: string
  readonly port?: number
  readonly tokenFile?: string
  readonly tlsCertificate?: string
  readonly tlsKey?: string
  readonly images?: string
  readonly camera?: string
  readonly action?: string
  readonly instances?: number
  readonly batch?: number
  readonly batchDelay?: number
  readonly checkpoint?: CheckpointChoice
  readonly device: DeviceName
  readonly threads?: number
  readonly demo?: true
  readonly with?: string
  readonly json?: true
}

/** `visuomotor serve <bundle>` */
export function registerServe(program: Command, output: Output): void {
  program
    .command('serve')
    .description("answer clients with a model: openpi's websocket protocol, KServe v2 and HTTP")
    .argument('<model>', 'a bundle, a run, or a folder of Hugging Face with a dual encoder')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1, this machine only)')
    .option('--port <port>', 'port, 0 for a free one (default: 8000)', parsePort)
    .option('--token-file <file>', 'file with the token that clients must send (default: VISUOMOTOR_TOKEN)')
    .option('--tls-certificate <file>', 'serve by TLS with this certificate, in PEM')
    .option('--tls-key <file>', 'its key, in PEM')
    .option(
      '--images <directory>',
      'images that /v1/search finds, of a dual encoder, and that the page of --demo begins with; in the folders inside it too',
    )
    .option('--demo', 'serve a page at /demo/ that computes the bundle in its visitor’s browser')
    .option(
      '--camera <key>',
      "key of the policy's image in openpi's observations (default: observation/image)",
    )
    .option('--action <label>', "label that is openpi's actions (default: joints, grasp or navigation)")
    .addOption(counted('--instances <count>', 'copies of the model, each a process', defaultLimits.instances))
    .addOption(counted('--batch <count>', 'largest number of items computed at once', defaultLimits.batch))
    .option('--batch-delay <ms>', 'milliseconds that a batch waits for more (default: 0)', parseDelay)
    .addOption(familiesOption())
    .addOption(checkpointOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (model: string, options: ServeOptions) => {
      const settings = settingsOf(options, output)
      const server = await serve(model, settings)
      output.result(
        options.json ? JSON.stringify({ url: server.url }) : servingLine(model, server.url, settings),
      )
      await interruptible(output, stopped, 'finishing what was taken')
      await server.stop()
    })
}

function servingLine(model: string, url: string, { demo, token }: ServerOptions): string {
  const page = `; the page is at ${url}/demo/${token === undefined ? '' : '#token=TOKEN'}`
  return `serving ${model} at ${url}${demo ? page : ''}`
}

const counted = (flags: string, description: string, usual: number): Option =>
  new Option(flags, `${description} (default: ${usual})`).argParser(parseCount)

function parseDelay(text: string): number {
  const milliseconds = Number(text)
  if (text.trim() !== '' && milliseconds >= 0 && milliseconds <= 10_000) return milliseconds
  throw new InvalidArgumentError('It is a number of milliseconds from 0 to 10000.')
}

/** Settle at the first interruption. */
const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()))

function settingsOf(options: ServeOptions, output: Output): ServerOptions {
  const {
    instances,
    batch,
    batchDelay,
    tokenFile,
    tlsCertificate,
    tlsKey,
    images,
    demo,
    with: own,
    json: _,
    ...rest
  } = options
  if ((tlsCertificate === undefined) !== (tlsKey === undefined))
    throw new ConfigError('cli/options', '--tls-certificate and --tls-key go together', {})
  const token = tokenFile === undefined ? process.env.VISUOMOTOR_TOKEN : readToken(tokenFile)
  const given = Object.entries({ instances, batch, batchDelay }).filter(([, value]) => value !== undefined)
  return {
    ...rest,
    token,
    tls: tlsKey === undefined ? undefined : { certificate: tlsCertificate!, key: tlsKey },
    demo: demo && demoFiles(),
    extensions: own === undefined ? undefined : [resolve(own)],
    limits: Object.fromEntries(given),
    gallery: images === undefined ? undefined : { directory: images, files: imageFiles(images) },
    onNote: (text) => output.note(text),
  }
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    const message = `the file of the token cannot be read: ${(cause as Error).message}`
    throw new ConfigError('serve/option', message, { file }, { cause })
  }
}
