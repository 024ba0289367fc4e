import fc from 'fast-check'
import { float32, int64, type Shape } from '../../src/core/index.ts'
import {
  constant,
  dropout,
  embedPatches,
  l2Normalize,
  patches,
  scatterAdd,
  type Tensor,
} from '../../src/graph/index.ts'
import {
  affinityLosses,
  attentionDivergences,
  binaryCrossEntropyWithLogits,
  boxOverlapErrors,
  boxOverlapLoss,
  chunkLoss,
  contrastiveLoss,
  contrastiveLosses,
  crossEntropies,
  crossEntropy,
  crossEntropySoft,
  featureDistances,
  gaussianDivergence,
  groundingErrors,
  groundingLoss,
  interactiveLosses,
  type Mixture,
  maskedPatchErrors,
  matchingLabels,
  matchingTargets,
  meanSquaredError,
  mixedLabels,
  mixedTargets,
  normalizedPatches,
  relationalDistances,
  rotationErrors,
  rotationLoss,
  siglipLoss,
  siglipLosses,
  similarityDivergences,
  smoothL1,
  smoothL1Errors,
  softCrossEntropies,
  softenedDivergences,
  squaredErrors,
  uncertaintyWeighting,
} from '../../src/losses/index.ts'
import {
  booleans,
  type Fill,
  indices,
  normal,
  shapes,
  shapesWithAxis,
  sizes,
  spaced,
  streams,
} from './arbitraries.ts'
import type { Sample } from './check-gradient.ts'

type Samples = fc.Arbitrary<Sample>

const pointwise = (build: (x: Tensor) => Tensor): Samples =>
  fc.tuple(shapes(), streams).map(([shape, stream]) => ({
    inputs: [normal(shape, stream)],
    build: ([x]) => build(x!),
  }))

/** Two arrays of one shape, of which the second is data when it is a target. */
const paired = (
  build: (a: Tensor, b: Tensor) => Tensor,
  fills: readonly [Fill, Fill] = [normal, normal],
): Samples =>
  fc.tuple(shapes(), streams).map(([shape, stream]) => ({
    inputs: fills.map((fill) => fill(shape, stream)),
    build: ([a, b]) => build(a!, b!),
  }))

const logitShapes: fc.Arbitrary<Shape> = fc
  .tuple(shapes(0, 2), fc.integer({ min: 2, max: 5 }))
  .map(([lead, classes]) => [...lead, classes])

const smoothing = fc.constantFrom(0, 0.1)

/** Image and text features, scale, bias, and concepts of which some are shared. */
const pairs = (
  build: (image: Tensor, text: Tensor, scale: Tensor, bias: Tensor, concepts: Tensor) => Tensor,
): Samples =>
  fc.tuple(fc.integer({ min: 1, max: 5 }), sizes, streams).map(([batch, width, stream]) => ({
    inputs: [
      normal([batch, width], stream),
      normal([batch, width], stream),
      float32([], [stream.uniform(0.5, 4)]),
      float32([], [stream.uniform(-3, 1)]),
      indices([batch], 3, stream),
    ],
    build: ([image, text, scale, bias, concepts]) => build(image!, text!, scale!, bias!, concepts!),
  }))

/** Texts of which every second is equal. */
const textsFor = (concepts: Tensor): Tensor =>
  constant(
    int64(
      [concepts.size],
      Array.from({ length: concepts.size }, (_, row) => row % 2),
    ),
  )

/** A batch of which every sample was mixed with one of another concept or of its own. */
const mixtureOf = (concepts: Tensor): Mixture => {
  const rows = Array.from({ length: concepts.size }, (_, row) => row)
  return {
    concepts,
    partnerConcepts: constant(
      int64(
        [rows.length],
        rows.map((row) => row % 3),
      ),
    ),
    texts: textsFor(concepts),
    partnerTexts: constant(
      int64(
        [rows.length],
        rows.map((row) => row % 2),
      ),
    ),
    imageShares: constant(
      float32(
        [rows.length],
        rows.map((row) => 0.9 - 0.2 * row),
      ),
    ),
    textShares: constant(
      float32(
        [rows.length],
        rows.map((row) => [1, 0, 0.5][row % 3]!),
      ),
    ),
  }
}

/** Rows of `width` numbers twice: predictions that are drawn by `fill`, and targets. */
const rowPairs = (
  width: number,
  fills: readonly [Fill, Fill],
  build: (prediction: Tensor, target: Tensor) => Tensor,
): Samples =>
  fc.tuple(shapes(0, 2), streams).map(([lead, stream]) => ({
    inputs: fills.map((fill) => fill([...lead, width], stream)),
    build: ([prediction, target]) => build(prediction!, target!),
  }))

/** Boxes that overlap in part, lie within each other or apart, and a target whose sides are not near theirs. */
const overlapping = (build: (prediction: Tensor, target: Tensor) => Tensor): Samples =>
  fc.tuple(sizes, fc.constantFrom(-0.25, 0.25, 0.5, 2.5), streams).map(([batch, shift, stream]) => {
    const targets = Array.from({ length: batch }, () => [
      0,
      0,
      stream.uniform(1, 1.1),
      stream.uniform(1, 1.1),
    ])
    const predictions = targets.map(([, , right, bottom]) => [
      shift,
      shift / 2,
      right! + 2 * Math.abs(shift),
      bottom! + Math.abs(shift),
    ])
    return {
      inputs: [float32([batch, 4], predictions.flat())],
      build: ([prediction]) => build(prediction!, constant(float32([batch, 4], targets.flat()))),
    }
  })

/** Scores of 2 × 3 patches, and boxes. */
const grounding = (
  build: (scores: Tensor, boxes: Tensor, rows: number, columns: number) => Tensor,
): Samples =>
  fc.tuple(sizes, streams).map(([batch, stream]) => {
    const boxes = Array.from({ length: batch }, () => [
      stream.uniform(-0.2, 0.4),
      stream.uniform(0, 0.4),
      stream.uniform(0.6, 1),
      stream.uniform(0.6, 1.2),
    ])
    return {
      inputs: [normal([batch, 6], stream)],
      build: ([scores]) => build(scores!, constant(float32([batch, 4], boxes.flat())), 2, 3),
    }
  })

/** Square arrays of one batch: logits of student and teacher. */
const squares = (build: (logits: Tensor, teacher: Tensor) => Tensor): Samples =>
  fc.tuple(fc.integer({ min: 1, max: 4 }), streams).map(([batch, stream]) => ({
    inputs: [normal([batch, batch], stream), normal([batch, batch], stream)],
    build: ([logits, teacher]) => build(logits!, teacher!),
  }))

/** Features of student and teacher of one batch. */
const taught = (
  build: (features: Tensor, teacher: Tensor) => Tensor,
  widths: readonly [number, number] = [3, 3],
): Samples =>
  fc.tuple(fc.integer({ min: 1, max: 4 }), streams).map(([batch, stream]) => ({
    inputs: widths.map((width) => normal([batch, width], stream)),
    build: ([features, teacher]) => build(features!, teacher!),
  }))

/** A way to draw samples for every function and loss that is built from ops. */
export const functionSamples = {
  l2Normalize: fc.tuple(shapesWithAxis(), streams).map(([{ shape, axis }, stream]) => ({
    // Spaced numbers are never 0: the length of a vector of one element has a kink there.
    inputs: [spaced(shape, stream)],
    build: ([x]) => l2Normalize(x!, axis),
  })),
  logSigmoid: pointwise((x) => x.logSigmoid()),
  dropout: fc.tuple(shapes(), streams).map(([shape, stream]) => ({
    inputs: [normal(shape, stream), booleans(shape, stream)],
    build: ([x, mask]) => dropout(x!, 0.25, mask!),
  })),
  patches: fc
    .tuple(sizes, sizes, sizes, sizes, sizes, streams)
    .map(([batch, channels, rows, columns, size, stream]) => ({
      inputs: [normal([batch, channels, rows * size, columns * size + size - 1], stream)],
      build: ([images]) => patches(images!, size),
    })),
  embedPatches: fc
    .tuple(sizes, sizes, sizes, sizes, fc.boolean(), streams)
    .map(([batch, channels, width, size, biased, stream]) => ({
      inputs: [
        normal([batch, channels, 2 * size, size], stream),
        normal([width, channels, size, size], stream),
        ...(biased ? [normal([width], stream)] : []),
      ],
      build: ([images, weight, bias]) => embedPatches(images!, weight!, bias),
    })),
  scatterAdd: fc.tuple(shapes(1, 3), sizes, streams).map(([shape, size, stream]) => ({
    inputs: [normal(shape, stream), indices([shape[0]!], size, stream)],
    build: ([updates, where]) => scatterAdd(size, where!, updates!),
  })),
  crossEntropy: fc.tuple(logitShapes, smoothing, streams).map(([shape, labelSmoothing, stream]) => ({
    inputs: [normal(shape, stream), indices(shape.slice(0, -1), shape.at(-1)!, stream)],
    // Class 0 is ignored, so that some targets, or all, do not count.
    build: ([logits, targets]) => crossEntropy(logits!, targets!, { ignoreIndex: 0, labelSmoothing }),
  })),
  crossEntropies: fc.tuple(logitShapes, smoothing, streams).map(([shape, labelSmoothing, stream]) => ({
    inputs: [normal(shape, stream), indices(shape.slice(0, -1), shape.at(-1)!, stream)],
    build: ([logits, targets]) => crossEntropies(logits!, targets!, { ignoreIndex: 0, labelSmoothing }),
  })),
  crossEntropySoft: fc.tuple(logitShapes, smoothing, streams).map(([shape, labelSmoothing, stream]) => ({
    inputs: [normal(shape, stream), normal(shape, stream)],
    build: ([logits, scores]) => crossEntropySoft(logits!, scores!.softmax(), { labelSmoothing }),
  })),
  binaryCrossEntropyWithLogits: paired(
    (x, t) => binaryCrossEntropyWithLogits(x, t.sigmoid()),
    [spaced, normal],
  ),
  contrastiveLoss: pairs((image, text, logitScale, _, concepts) =>
    contrastiveLoss(image, text, { logitScale, ...matchingTargets(concepts, textsFor(concepts)) }),
  ),
  contrastiveLosses: pairs((image, text, logitScale, _, concepts) =>
    contrastiveLosses(image, text, { logitScale, ...matchingTargets(concepts, textsFor(concepts)) }),
  ),
  mixedTargets: pairs((image, text, logitScale, _, concepts) =>
    contrastiveLoss(image, text, { logitScale, ...mixedTargets(mixtureOf(concepts)) }),
  ),
  mixedLabels: pairs((image, text, logitScale, logitBias, concepts) =>
    siglipLoss(image, text, { logitScale, logitBias, labels: mixedLabels(mixtureOf(concepts)) }),
  ),
  siglipLosses: pairs((image, text, logitScale, logitBias, concepts) =>
    siglipLosses(image, text, {
      logitScale,
      logitBias,
      labels: matchingLabels(concepts, textsFor(concepts)),
    }),
  ),
  siglipLoss: pairs((image, text, logitScale, logitBias, concepts) =>
    siglipLoss(image, text, { logitScale, logitBias, labels: matchingLabels(concepts, textsFor(concepts)) }),
  ),
  softCrossEntropies: fc.tuple(logitShapes, streams).map(([shape, stream]) => ({
    inputs: [normal(shape, stream), normal(shape, stream)],
    build: ([logits, scores]) => softCrossEntropies(logits!, scores!.softmax()),
  })),
  normalizedPatches: fc.tuple(sizes, sizes, sizes, streams).map(([batch, channels, columns, stream]) => ({
    inputs: [normal([batch, channels, 2, 2 * columns], stream)],
    build: ([images]) => normalizedPatches(images!, 2),
  })),
  maskedPatchErrors: fc.tuple(sizes, sizes, sizes, streams).map(([batch, count, numbers, stream]) => ({
    inputs: [
      normal([batch, count, numbers], stream),
      normal([batch, count, numbers], stream),
      booleans([batch, count], stream),
    ],
    build: ([prediction, target, masked]) => maskedPatchErrors(prediction!, target!, masked!.cast('float32')),
  })),
  meanSquaredError: paired(meanSquaredError),
  squaredErrors: paired(squaredErrors),
  chunkLoss: fc.tuple(fc.constantFrom('l1', 'square'), streams).map(([error, stream]) => ({
    inputs: [spaced([2, 3, 2], stream), spaced([2, 3, 2], stream), booleans([2, 3], stream)],
    build: ([a, b, isPad]) => chunkLoss(a!, b!.mul(1e-3), isPad!.cast('float32'), error),
  })),
  gaussianDivergence: rowPairs(3, [normal, normal], gaussianDivergence),
  smoothL1: paired((a, b) => smoothL1(a, b.mul(1e-3), 0.5), [spaced, normal]),
  smoothL1Errors: paired((a, b) => smoothL1Errors(a, b.mul(1e-3), 0.5), [spaced, normal]),
  rotationLoss: rowPairs(3, [normal, normal], rotationLoss),
  rotationErrors: rowPairs(3, [normal, normal], rotationErrors),
  boxOverlapLoss: overlapping(boxOverlapLoss),
  boxOverlapErrors: overlapping(boxOverlapErrors),
  groundingLoss: grounding(groundingLoss),
  groundingErrors: grounding(groundingErrors),
  softenedDivergences: fc.tuple(logitShapes, streams).map(([shape, stream]) => ({
    inputs: [normal(shape, stream), normal(shape, stream)],
    build: ([logits, teacher]) => softenedDivergences(logits!, teacher!, 2),
  })),
  attentionDivergences: fc.tuple(logitShapes, streams).map(([shape, stream]) => ({
    inputs: [normal(shape, stream), normal(shape, stream)],
    build: ([scores, teacher]) => attentionDivergences(scores!, teacher!.softmax()),
  })),
  similarityDivergences: squares((logits, teacher) => similarityDivergences(logits, teacher, 2)),
  affinityLosses: squares((logits, teacher) => affinityLosses(logits, teacher, 1.5)),
  interactiveLosses: pairs((images, texts, logitScale, bias, concepts) =>
    interactiveLosses(
      images,
      texts,
      { images: images.mul(bias).tanh(), texts: texts.add(bias) },
      { logitScale, ...matchingTargets(concepts, textsFor(concepts)) },
    ),
  ),
  featureDistances: taught(featureDistances),
  relationalDistances: taught(relationalDistances, [3, 4]),
  uncertaintyWeighting: fc.tuple(streams).map(([stream]) => ({
    inputs: [float32([], [stream.uniform(0.1, 3)]), normal([], stream)],
    build: ([loss, logVariance]) => uncertaintyWeighting(loss!, logVariance!),
  })),
} satisfies Readonly<Record<string, Samples>>
