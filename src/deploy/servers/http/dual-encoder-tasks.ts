import { RequestError } from '../../../core/index.ts'
import { dot } from '../../unit-rows.ts'
import type { SearchIndex } from '../search-index.ts'
import type { Serving } from '../serving.ts'
import { classProbabilities } from './class-probabilities.ts'
import { formKeys } from './form-keys.ts'
import { picturesOf, readRequest, requireFew } from './read-request.ts'
import type { Asked } from './route.ts'
import { requests } from './schemas.ts'

/** Unit vectors of images and texts. */
export async function embed(serving: Serving, asked: Asked) {
  const { model, limits } = serving
  const { images, texts } = await readRequest(asked, requests.embed, formKeys.embed, limits)
  requireFew(texts, 'texts', limits.items)
  const pictures = picturesOf(images, limits)
  const unlearnedWords = serving.countUnlearned(texts)
  const [ofImages, ofTexts] = await Promise.all([model.pool.images(pictures), model.pool.texts(texts)])
  return { images: ofImages.map(listed), texts: ofTexts.map(listed), unlearnedWords }
}

const listed = (vector: Float32Array): number[] => Array.from(vector)

/** Labels of images with their probabilities, the most probable first. */
export async function classify(serving: Serving, asked: Asked) {
  const { model, limits } = serving
  const { images, labels, template } = await readRequest(asked, requests.classify, formKeys.classify, limits)
  requireFew(labels, 'labels', limits.items)
  const { logits } = model
  if (logits === undefined)
    throw new RequestError(
      'serve/not-found',
      'the model has no factor of similarities (model.safetensors is missing), and so no probabilities: ask /v1/embed',
    )
  const pictures = picturesOf(images, limits)
  const texts = labels.map((label) => template.replaceAll('{}', label))
  const unlearnedWords = serving.countUnlearned(texts)
  const [ofImages, ofLabels] = await Promise.all([model.pool.images(pictures), model.pool.texts(texts)])
  const classes = ofImages.map((image) => {
    const similarities = ofLabels.map((vector) => dot(image, vector))
    const probabilities = classProbabilities(similarities, logits)
    return labels
      .map((label, i) => ({ label, probability: probabilities[i]!, similarity: similarities[i]! }))
      .sort((a, b) => b.similarity - a.similarity)
  })
  return { images: classes, unlearnedWords }
}

/** The images of a gallery that are nearest to a text or an image. */
export async function search(serving: Serving, index: SearchIndex, asked: Asked) {
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

/** Captions of images, of a model with a decoder. */
export async function caption(serving: Serving, asked: Asked) {
  const { model, limits } = serving
  const longest = model.description.model.inputs.text.length
  const asking = await readRequest(asked, requests.caption, formKeys.caption, limits)
  const { images, beams, length = longest } = asking
  if (length > longest)
    throw new RequestError(
      'serve/request',
      `captions of this model have ${longest} tokens at most, ${length} are asked for`,
      { length, longest },
    )
  return { captions: await model.pool.captions(picturesOf(images, limits), { beams, length }) }
}
