import { basename, resolve } from 'node:path'
import { CheckpointError, ConfigError } from '../../core/index.ts'
import { isChunkPolicy, isDualEncoder, isPolicy, type Model } from '../../models/index.ts'
import { readLogitScale } from '../logit-scale.ts'
import { readModelDescription } from '../read-bundle.ts'
import { Authorization } from './authorization.ts'
import { type Limits, limitsOf } from './limits.ts'
import { Metrics } from './metrics.ts'
import { ModelPool } from './model/model-pool.ts'
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
 * Serve the model of a bundle or a run: a policy by openpi's websocket protocol, any model by HTTP and KServe's protocol.
 * @throws ConfigError `serve/address`, `serve/option`, `config/port`; CheckpointError `bundle/model-type` for a model that is
 * neither a policy nor a dual encoder; errors of `PolicyRuntime.load` and `DualEncoderRuntime.load`.
 */
export async function serve(directory: string, options: ServerOptions = {}): Promise<RunningServer> {
  requireSafeAddress(options)
  const limits = limitsOf(options.limits)
  const tls = options.tls && readTls(options.tls)
  const description = readModelDescription(directory)
  requireServable(description.model, directory)
  requireFitting(description.model, options)
  const logitScale = isDualEncoder(description.model) ? logitScaleOf(directory, options) : undefined
  const metrics = new Metrics()
  const pool = await startPool(directory, options, limits, metrics)
  try {
    const name = options.name ?? basename(resolve(directory))
    const model = servedModel(name, description, pool, logitScale)
    const serving = new Serving(model, limits, metrics, noteOf(options))
    const openpi = openpiPolicyOf(serving, options)
    const index = options.gallery && (await SearchIndex.of(options.gallery, pool, noteOf(options)))
    const server = new ModelServer(serving, {
      authorization: new Authorization(options.token),
      openpi,
      tls,
      index,
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
  const { policy, description } = serving.model
  const { imageSide } = serving.limits
  if (policy) return headPolicy(serving, { camera, imageSide, action: actionLabel(policy, action) })
  return isChunkPolicy(description.model) ? chunkOpenpiPolicy(serving, description.model.config) : undefined
}

const noteOf = ({ onNote }: ServerOptions): ((text: string) => void) =>
  onNote ?? ((text) => process.emitWarning(text, 'VisuomotorWarning'))

/** Factor of similarities; noted where the weights, of which it is one, are missing: the ONNX files do without them. */
function logitScaleOf(directory: string, options: ServerOptions): number | undefined {
  try {
    return readLogitScale(directory, options)
  } catch (error) {
    if (!(error instanceof CheckpointError) || error.code !== 'bundle/missing') throw error
    noteOf(options)(`/v1/classify gives no probabilities: ${error.message}`)
    return undefined
  }
}

function requireServable(model: Model, directory: string): void {
  if (isPolicy(model) || isChunkPolicy(model) || isDualEncoder(model)) return
  const { model_type } = model.config
  throw new CheckpointError(
    'bundle/model-type',
    `${directory} holds a ${model_type} model; policies and dual encoders are served`,
    { directory, modelType: model_type },
  )
}

/** Refuse options that mean nothing for a model. */
function requireFitting(model: Model, { camera, action, gallery }: ServerOptions): void {
  const idle = isDualEncoder(model)
    ? { camera, action }
    : isPolicy(model)
      ? { gallery }
      : { gallery, camera, action }
  const given = Object.entries(idle).find(([, value]) => value !== undefined)
  if (given === undefined) return
  const owner = given[0] === 'gallery' ? 'a dual encoder' : 'a policy with heads'
  throw new ConfigError('serve/option', `the option ${given[0]} is for ${owner}, leave it out`, {
    option: given[0],
  })
}

function startPool(
  directory: string,
  options: ServerOptions,
  limits: Limits,
  metrics: Metrics,
): Promise<ModelPool> {
  const { device, threads, checkpoint } = options
  const note = noteOf(options)
  const start = (signal: AbortSignal) =>
    startInstance(directory, { device, threads, checkpoint, onNote: note }, signal)
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
