import { RequestError } from '../../../core/index.ts'
import { isDualEncoder } from '../../../models/index.ts'
import { dot } from '../../unit-rows.ts'
import type { SearchIndex } from '../search-index.ts'
import type { ServedPolicy } from '../served-model.ts'
import type { Serving } from '../serving.ts'
import { formKeys, picturesOf, readRequest, requireFew } from './read-request.ts'
import { type Asked, json, type Reply, type Route } from './route.ts'
import { requests } from './schemas.ts'

/** Tasks of a model beside KServe's protocol: a path under `/v1/` each. */
export function modelRoutes(serving: Serving, index: SearchIndex | undefined): readonly Route[] {
  const tasks = tasksOf(serving, index)
  const routes = Object.entries(tasks).map(
    ([task, answer]): Route => ({
      method: 'POST',
      path: `/v1/${task}`,
      answer: async (asked) => json(await answer(asked)),
    }),
  )
  return [
    { method: 'GET', path: '/v1/model', answer: () => described(serving, Object.keys(tasks)) },
    ...routes,
  ]
}

type Tasks = Readonly<Record<string, (asked: Asked) => Promise<unknown>>>

function tasksOf(serving: Serving, index: SearchIndex | undefined): Tasks {
  const { policy, description } = serving.model
  if (policy) return { act: (asked) => act(serving, policy, asked) }
  if (!isDualEncoder(description.model)) return {}
  return {
    embed: (asked) => embed(serving, asked),
    classify: (asked) => classify(serving, asked),
    ...(index && { search: (asked: Asked) => search(serving, index, asked) }),
  }
}

function described({ model }: Serving, tasks: readonly string[]): Reply {
  const { description, policy, name } = model
  return json({
    name,
    type: description.model.config.model_type,
    imageSize: description.image.size,
    textLength: description.model.inputs.text.length,
    tasks,
    labels: policy?.labels ?? [],
    classNames: policy?.runtime.classNames ?? {},
  })
}

async function act(serving: Serving, policy: ServedPolicy, asked: Asked) {
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

async function embed(serving: Serving, asked: Asked) {
  const { model, limits } = serving
  const { images, texts } = await readRequest(asked, requests.embed, formKeys.embed, limits)
  requireFew(texts, 'texts', limits.items)
  const pictures = picturesOf(images, limits)
  const unlearnedWords = serving.countUnlearned(texts)
  const [ofImages, ofTexts] = await Promise.all([model.pool.images(pictures), model.pool.texts(texts)])
  return { images: ofImages.map(listed), texts: ofTexts.map(listed), unlearnedWords }
}

const listed = (vector: Float32Array): number[] => Array.from(vector)

async function classify(serving: Serving, asked: Asked) {
  const { model, limits } = serving
  const { images, labels, template } = await readRequest(asked, requests.classify, formKeys.classify, limits)
  requireFew(labels, 'labels', limits.items)
  const scale = model.logitScale
  if (scale === undefined)
    throw new RequestError(
      'serve/not-found',
      'the model has no factor of similarities (model.safetensors is missing), and so no probabilities: ask /v1/embed',
    )
  const pictures = picturesOf(images, limits)
  const texts = labels.map((label) => template.replaceAll('{}', label))
  const unlearnedWords = serving.countUnlearned(texts)
  const [ofImages, ofLabels] = await Promise.all([model.pool.images(pictures), model.pool.texts(texts)])
  const classes = ofImages.map((image) => classesOf(image, ofLabels, labels, scale))
  return { images: classes, unlearnedWords }
}

/** Labels by the softmax of scaled similarities, the most probable first. */
function classesOf(
  image: Float32Array,
  vectors: readonly Float32Array[],
  labels: readonly string[],
  scale: number,
) {
  const similarities = vectors.map((vector) => dot(image, vector))
  const largest = Math.max(...similarities)
  const powers = similarities.map((similarity) => Math.exp(scale * (similarity - largest)))
  const total = powers.reduce((sum, power) => sum + power, 0)
  const classes = labels.map((label, i) => ({
    label,
    probability: powers[i]! / total,
    similarity: similarities[i]!,
  }))
  return classes.sort((a, b) => b.probability - a.probability)
}

async function search(serving: Serving, index: SearchIndex, asked: Asked) {
  const { model, limits } = serving
  const { text, image, top } = await readRequest(asked, requests.search, formKeys.search, limits)
  if ((text === undefined) === (image === undefined))
    throw new RequestError('serve/request', 'look for a text or for an image: give one of the two')
  const unlearnedWords = serving.countUnlearned(text === undefined ? [] : [text])
  const [query] =
    text === undefined
      ? await model.pool.images(picturesOf([image!], limits))
      : await model.pool.texts([text])
  return { results: index.nearest(query!, top), unlearnedWords }
}
