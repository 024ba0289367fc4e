import { didYouMean, type HostArray, RequestError, version } from '../../../core/index.ts'
import { readBody } from '../http/body.ts'
import { type Asked, json, type Reply, type Route } from '../http/route.ts'
import type { Serving } from '../serving.ts'
import { type ByteStrings, bytesOf } from './byte-strings.ts'
import { datatypeOf, jsonOf } from './datatypes.ts'
import { type AskedOutput, type Inference, lengthHeader, readInference } from './infer-request.ts'
import { type KserveModel, kserveModels } from './models.ts'

/** Version of every model: a server has one. */
const modelVersion = '1'

/** Extensions of the protocol that are spoken: tensors as binary data behind the JSON. */
const extensions = ['binary_tensor_data']

/** KServe's protocol for inference, version 2, over HTTP. */
export function kserveRoutes(serving: Serving): readonly Route[] {
  const models = kserveModels(serving)
  const { pool } = serving.model
  const values = { model: models.map(({ name }) => name), version: [modelVersion] }
  const get = (path: string, answer: Route['answer'], isOpen?: true): Route => ({
    method: 'GET',
    path,
    values,
    answer,
    ...(isOpen && { isOpen }),
  })
  const readiness = () => json({ ready: pool.isReady }, pool.isReady ? 200 : 503)
  const ofModel = (path: string): Route[] => [
    get(path, ({ params }) => json(described(modelOf(models, params)))),
    get(`${path}/ready`, ({ params }) => {
      modelOf(models, params)
      return readiness()
    }),
    {
      method: 'POST',
      path: `${path}/infer`,
      values,
      answer: (asked) => infer(modelOf(models, asked.params), serving, asked),
    },
  ]
  return [
    get('/v2/health/live', () => json({ live: true }), true),
    get('/v2/health/ready', readiness, true),
    get('/v2', () => json({ name: 'visuomotor', version: version(), extensions })),
    ...ofModel('/v2/models/{model}'),
    ...ofModel('/v2/models/{model}/versions/{version}'),
  ]
}

function modelOf(models: readonly KserveModel[], { model = '', version }: Asked['params']): KserveModel {
  const found = models.find(({ name }) => name === model)
  if (found && (version === undefined || version === modelVersion)) return found
  const names = models.map(({ name }) => name)
  throw new RequestError(
    'serve/not-found',
    found
      ? `the model ${model} has version ${modelVersion} only`
      : `there is no model '${model.slice(0, 100)}'${didYouMean(model, names)}`,
  )
}

const described = ({ name, platform, inputs, outputs }: KserveModel) => ({
  name,
  versions: [modelVersion],
  platform,
  inputs,
  outputs,
})

async function infer(model: KserveModel, { limits }: Serving, { incoming }: Asked): Promise<Reply> {
  const inference = readInference(incoming, await readBody(incoming, limits.requestBytes))
  requireNames(model, inference)
  const results = await model.infer(inference.tensors)
  const { outputs: wanted = results.map(([name]) => ({ name, isBinary: inference.isBinary })) } = inference
  return answerOf(model, inference.id, wanted, new Map(results))
}

/** Check the names of inputs and outputs. @throws RequestError `serve/tensor`. */
function requireNames(
  { name, inputs, outputs }: KserveModel,
  { tensors, outputs: wanted = [] }: Inference,
): void {
  const [takes, gives] = [inputs, outputs].map((values) => values.map((value) => value.name)) as [
    string[],
    string[],
  ]
  const check = (given: string, known: readonly string[], what: string) => {
    if (known.includes(given)) return
    const message = `${name} has no ${what} '${given.slice(0, 100)}'${didYouMean(given, known)}`
    throw new RequestError('serve/tensor', message, { name: given })
  }
  for (const given of tensors.keys()) check(given, takes, 'input')
  for (const output of wanted) check(output.name, gives, 'output')
  const missing = takes.filter((input) => !tensors.has(input))
  if (missing.length > 0)
    throw new RequestError('serve/tensor', `${name} also needs ${missing.join(', ')}`, { missing })
}

const bytesOfArray = ({ data }: HostArray): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

function answerOf(
  { name }: KserveModel,
  id: string | undefined,
  wanted: readonly AskedOutput[],
  results: ReadonlyMap<string, HostArray | ByteStrings>,
): Reply {
  const binary: Uint8Array[] = []
  const outputs = wanted.map((output) => {
    const array = results.get(output.name)!
    const isText = array.dtype === 'bytes'
    const datatype = isText ? 'BYTES' : datatypeOf(array.dtype)
    const described = { name: output.name, datatype, shape: array.shape }
    if (!output.isBinary) return { ...described, data: isText ? array.data : jsonOf(array) }
    const bytes = isText ? bytesOf(array.data) : bytesOfArray(array)
    binary.push(bytes)
    return { ...described, parameters: { binary_data_size: bytes.length } }
  })
  const head = { model_name: name, model_version: modelVersion, ...(id !== undefined && { id }), outputs }
  if (binary.length === 0) return json(head)
  const text = Buffer.from(JSON.stringify(head))
  return {
    status: 200,
    type: 'application/octet-stream',
    body: Buffer.concat([text, ...binary]),
    headers: { [lengthHeader]: String(text.length) },
  }
}
