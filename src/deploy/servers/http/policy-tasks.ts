import { RequestError } from '../../../core/index.ts'
import type { ChunkPolicyConfig } from '../../../models/index.ts'
import { chunksOf } from '../served-chunks.ts'
import type { ServedPolicy } from '../served-model.ts'
import type { Serving } from '../serving.ts'
import { chunkFormKeys, formKeys } from './form-keys.ts'
import { picturesOf, readRequest } from './read-request.ts'
import type { Asked } from './route.ts'
import { requests } from './schemas.ts'

/** Values by label of a policy with heads. */
export async function act(serving: Serving, policy: ServedPolicy, asked: Asked) {
  const { runtime } = policy
  const { model, limits } = serving
  const { image, command, labels } = await readRequest(asked, requests.act, formKeys.act, limits)
  if (labels) runtime.requireLabels('the request', labels)
  const [pixels] = picturesOf([image], limits)
  const unlearnedWords = serving.countUnlearned([command])
  const [prediction] = await model.pool.act([{ pixels: pixels!, command }])
  const isAsked = ([label]: readonly [string, unknown]) => labels === undefined || labels.includes(label)
  const predictions = Object.fromEntries(Object.entries(prediction!).filter(isAsked))
  policy.require(predictions)
  return {
    predictions,
    classes: Object.fromEntries(Object.entries(runtime.classesOf(prediction!)).filter(isAsked)),
    unlearnedWords,
  }
}

/** The chunk of actions of a policy that acts in chunks. */
export async function actInChunks(serving: Serving, config: ChunkPolicyConfig, asked: Asked) {
  const { limits } = serving
  const request = await readRequest(asked, requests.actInChunks, chunkFormKeys(config), limits)
  const { state, command } = request
  requireRead('state', state, config.state_size > 0)
  requireRead('command', command, config.text_config !== null)
  const names = Object.keys(request.cameras)
  const pictures = picturesOf(Object.values(request.cameras), limits, (i) => `camera ${names[i]}`)
  const cameras = Object.fromEntries(names.map((name, i) => [name, pictures[i]!]))
  const { chunks, unlearned } = await chunksOf(serving, [{ cameras, state, command }])
  return { actions: chunks[0]!, names: config.action_names ?? [], unlearnedWords: unlearned }
}

/** Refuse what the policy does not read, which would change nothing, and the lack of what it reads. */
function requireRead(key: string, value: unknown, isRead: boolean): void {
  if (isRead === (value !== undefined)) return
  throw new RequestError(
    'serve/request',
    isRead ? `the policy reads a ${key}: send it` : `the policy reads no ${key}: leave it out`,
    { key },
  )
}
