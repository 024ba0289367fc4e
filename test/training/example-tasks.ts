import { type Batch, float32, hostArray, type Random, random } from '../../src/core/index.ts'
import { l2Normalize } from '../../src/graph/index.ts'
import { contrastiveLoss, contrastiveLosses } from '../../src/losses/index.ts'
import { filled, Linear, Module, namedParameters, normalInit, Parameter } from '../../src/nn/index.ts'
import { cachedFeatureTask, lossTask, type Task } from '../../src/training/index.ts'

// Two objectives as a user writes them, one of each strategy, on batches of random numbers.

const init = normalInit(0.4)

/** Two layers, with dropout between them. */
class Student extends Module {
  readonly first = new Linear(6, 8, { init })
  readonly last = new Linear(8, 4, { init })
}

/** Distillation: the student's tokens shall be a teacher's, which are an array of the batch [batch, tokens, width]. */
export function distillation(rate = 0, seed?: number): Task {
  const student = new Student()
  return lossTask({
    name: 'distillation',
    parameters: namedParameters(student),
    ...(seed !== undefined && { seed }),
    loss(leaves) {
      const hidden = leaves.drop(student.first.forward(leaves.get('tokens')).gelu(), rate)
      const errors = student.last.forward(hidden).sub(leaves.get('teacher.tokens')).square()
      const sampleLosses = errors.mean([1, 2]) // [batch]
      return { loss: sampleLosses.mean(), numbers: { largest: errors.max().detach() }, sampleLosses }
    },
  })
}

/** Two towers, what one of them must be able to say about its input, and how much that matters. */
class Towers extends Module {
  readonly image = new Linear(6, 4, { init })
  readonly text = new Linear(6, 4, { init })
  readonly decoder = new Linear(4, 6, { init })
  readonly sharpness = new Parameter([], filled(1))
  readonly offset = new Parameter([3], filled(0.1))
}

/**
 * Contrastive learning with two further terms: each sample's error of reconstruction, a feature of rank 1, and how far
 * the image tokens, a feature of rank 3, are from a target [batch, 2, 3] of bytes, moved by a parameter of the loss.
 */
export function towersThatReconstruct(rate = 0, seed?: number): Task {
  const towers = new Towers()
  return cachedFeatureTask({
    name: 'towers',
    parameters: namedParameters(towers),
    ...(seed !== undefined && { seed }),
    features(leaves) {
      const tokens = leaves.get('tokens') // [batch, 2, 6]
      const image = leaves.drop(towers.image.forward(tokens), rate) // [batch, 2, 4]
      const reconstruction = towers.decoder.forward(image).sub(tokens).square().mean([1, 2])
      return { image, words: towers.text.forward(leaves.get('words')), reconstruction }
    },
    loss({ image, words, reconstruction }, leaves) {
      const options = { logitScale: towers.sharpness.tensor.exp() }
      const [images, texts] = [l2Normalize(image!.mean(1)), l2Normalize(words!)]
      const target = leaves.get('target').cast('float32').mul(0.01).add(towers.offset.tensor) // [batch, 2, 3]
      const distances = image!.slice(2, 0, 3).sub(target).square().mean([1, 2]) // [batch]
      const further = reconstruction!.mul(0.5).add(distances.mul(0.1))
      return {
        loss: contrastiveLoss(images, texts, options).add(further.mean()),
        numbers: { distance: distances.mean() },
        sampleLosses: contrastiveLosses(images, texts, options).add(further),
      }
    },
  })
}

const normals = (stream: Random, length: number) => Array.from({ length }, () => stream.normal())

/** A batch for both. */
export function exampleBatch(size: number, number = 0): Batch {
  const stream = random(4, 'example', number)
  return {
    ids: Array.from({ length: size }, (_, i) => `sample-${number}-${i}`),
    arrays: {
      tokens: float32([size, 2, 6], normals(stream, size * 12)),
      'teacher.tokens': float32([size, 2, 4], normals(stream, size * 8)),
      words: float32([size, 6], normals(stream, size * 6)),
      target: hostArray(
        'uint8',
        [size, 2, 3],
        Uint8Array.from({ length: size * 6 }, () => stream.integer(256)),
      ),
      unread: float32([size], normals(stream, size)),
    },
  }
}
