import { ConfigError, didYouMean } from '../../../core/index.ts'
import type { Prediction } from '../../prediction.ts'
import type { MessageMap } from '../message/message.ts'
import { NumpyArray } from '../message/numpy-array.ts'
import type { ServedModel, ServedPolicy } from '../served-model.ts'
import type { ReadObservation } from './observation.ts'

/** Labels that are actions of a robot by themselves, the first of which a policy has is its `actions`. */
const usual = ['joints', 'grasp', 'navigation']

/**
 * The label whose values are the `actions` of a policy.
 * @param wanted Name of a label. Default: joints, grasp or navigation, else the first.
 * @throws ConfigError `serve/option` for a label that the policy does not predict.
 */
export function actionLabel({ labels }: ServedPolicy, wanted: string | undefined): string {
  const names = labels.map(({ label }) => label)
  const found = wanted ?? usual.find((label) => names.includes(label)) ?? names[0]!
  if (names.includes(found)) return found
  throw new ConfigError('serve/option', `the policy does not predict '${found}'${didYouMean(found, names)}`, {
    action: found,
    labels: names,
  })
}

/** Greeting of a server: what its policy reads and answers. */
export function greeting(
  model: ServedModel,
  policy: ServedPolicy,
  camera: string,
  action: string,
): MessageMap {
  const { classNames } = policy.runtime
  return {
    model: model.name,
    camera,
    prompt: 'prompt',
    image_size: model.description.image.size,
    action,
    action_horizon: 1,
    action_dim: policy.labels.find(({ label }) => label === action)!.size,
    predictions: Object.fromEntries(policy.labels.map(({ label, size }) => [label, size])),
    class_names: Object.fromEntries(Object.entries(classNames).map(([label, names]) => [label, names])),
  }
}

/**
 * Answer to an observation. Every array has an axis for the steps of its chunk, of which a policy predicts one, so that
 * openpi's ActionChunkBroker may cut them all.
 */
export function actionAnswer(
  prediction: Prediction,
  action: string,
  { unread }: ReadObservation,
  unlearned: readonly string[],
): MessageMap {
  const arrays = Object.entries(prediction).map(
    ([label, values]) => [label, NumpyArray.float32([1, values.length], values)] as const,
  )
  const predictions = Object.fromEntries(arrays)
  return {
    actions: predictions[action]!,
    predictions,
    unlearned_words: unlearned,
    unread_keys: unread,
  }
}
