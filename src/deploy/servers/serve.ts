import { basename, resolve } from 'node:path'
import { CheckpointError, ConfigError } from '../../core/index.ts'
import {
  families as builtIn,
  type Families,
  isChunkPolicy,
  isDualEncoder,
  isPolicy,
  type Model,
} from '../../models/index.ts'
import { type LogitTerms, readLogitTerms } from '../logit-scale.ts'
import { readModelDescription } from '../read-bundle.ts'
import { Authorization } from './authorization.ts'
import { fetchedFiles } from './demo-files.ts'
import { type Limits, limitsOf } from './limits.ts'
import { Metrics } from './metrics.ts'
import { ModelPool } from './model/model-pool.ts'
import { familiesOf } from './model/own-families.ts'
import { startInstance } from './model/start-instance.ts'
import { ModelServer, type RunningServer } from './model-server.ts'
import { actionLabel } from './openpi/actions.ts'
import { chunkOpenpiPolicy } from './openpi/chunk-openpi-policy.ts'
import { headPolicy, type OpenpiPolicy } from './openpi/openpi-policy.ts'
import { SearchIndex } from './search-index.ts'
import { servedModel } from './served-model.ts'
import { readTls, requireSafeAddress, type ServerOptions } from './server-options.ts'
import { Serving } from './serving.ts'

/**
 * Serve the model of a bundle or a run: a policy by openpi's websocket protocol, a model of any family by KServe's protocol, and by
 * HTTP what it can be asked for.
 * @throws ConfigError `serve/address`, `serve/option`, `config/port`, `config/row-exists`; CheckpointError `bundle/model-type` for a
 * family that is neither built in nor in `extensions`; errors of `PolicyRuntime.load` and `DualEncoderRuntime.load`.
 */
export async function serve(directory: string, options: ServerOptions = {}): Promise<RunningServer> {
  requireSafeAddress(options)
  const limits = limitsOf(options.limits)
  const tls = options.tls && readTls(options.tls)
  const families = await familiesOf(options.extensions)
  const description = readModelDescription(directory, { families })
  requireFitting(description.model, options)
  const demo = options.demo && {
    ...options.demo,
    bundle: directory,
    files: fetchedFiles(directory),
    gallery: options.gallery,
  }
  const logits = isDualEncoder(description.model) ? logitsOf(directory, options, families) : undefined
  const metrics = new Metrics()
  const pool = await startPool(directory, options, limits, metrics)
  try {
    const name = options.name ?? basename(resolve(directory))
    const model = servedModel(name, description, pool, logits)
    const serving = new Serving(model, limits, metrics, noteOf(options))
    const openpi = openpiPolicyOf(serving, options)
    const gallery = isDualEncoder(description.model) ? options.gallery : undefined
    const index = gallery && (await SearchIndex.of(gallery, pool, noteOf(options)))
    const server = new ModelServer(serving, {
      authorization: new Authorization(options.token),
      openpi,
      tls,
      index,
      demo,
    })
    await server.listen(options)
    return server
  } catch (error) {
    await pool.stop(0)
    throw error
  }
}

/** The policy of a server as openpi's clients see it; undefined for a model that is none. */
function openpiPolicyOf(
  serving: Serving,
  { camera = 'observation/image', action }: ServerOptions,
): OpenpiPolicy | undefined {
  const { policy, chunkPolicy } = serving.model
  const { imageSide } = serving.limits
  if (policy) return headPolicy(serving, { camera, imageSide, action: actionLabel(policy, action) })
  return chunkPolicy && chunkOpenpiPolicy(serving, chunkPolicy)
}

const noteOf = ({ onNote }: ServerOptions): ((text: string) => void) =>
  onNote ?? ((text) => process.emitWarning(text, 'VisuomotorWarning'))

/** Terms of similarities; noted where the weights, of which they are some, are missing: the ONNX files do without them. */
function logitsOf(directory: string, options: ServerOptions, families: Families): LogitTerms | undefined {
  try {
    return readLogitTerms(directory, { checkpoint: options.checkpoint, families })
  } catch (error) {
    if (!(error instanceof CheckpointError) || error.code !== 'bundle/missing') throw error
    noteOf(options)(`/v1/classify gives no probabilities: ${error.message}`)
    return undefined
  }
}

/** Refuse options that mean nothing for a model. */
function requireFitting(model: Model, { camera, action, gallery, demo }: ServerOptions): void {
  const isShown = isDualEncoder(model) || isPolicy(model) || isChunkPolicy(model)
  const isBuiltIn = Object.hasOwn(builtIn, model.config.model_type)
  const idle = {
    ...(!isPolicy(model) && { camera, action }),
    ...(!isDualEncoder(model) && { gallery: demo && isShown ? undefined : gallery }), // a demo of a policy shows them
    ...(!(isShown && isBuiltIn) && { demo }),
  }
  const given = Object.entries(idle).find(([, value]) => value !== undefined)
  if (given === undefined) return
  const [option] = given
  const owner = { camera: headsOnly, action: headsOnly, gallery: 'a dual encoder', demo: 'a built-in family' }
  throw new ConfigError(
    'serve/option',
    `the option ${option} is for ${owner[option as keyof typeof owner]}, leave it out`,
    { option },
  )
}

const headsOnly = 'a policy with heads'

function startPool(
  directory: string,
  options: ServerOptions,
  limits: Limits,
  metrics: Metrics,
): Promise<ModelPool> {
  const { device, threads, checkpoint, extensions } = options
  const note = noteOf(options)
  const start = (signal: AbortSignal) =>
    startInstance(directory, { device, threads, checkpoint, extensions, onNote: note }, signal)
  return ModelPool.start(start, limits, {
    note,
    waited: (milliseconds) => metrics.waitSeconds.observe(milliseconds / 1000),
    restarted: () => metrics.restarts.add(),
    computed(lane, items, milliseconds) {
      metrics.batchItems.observe(items, { lane })
      metrics.batchSeconds.observe(milliseconds / 1000, { lane })
    },
  })
}
