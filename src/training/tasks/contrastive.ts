import type { Batch, HostArray } from '../../core/index.ts'
import {
  type Arena,
  type DeviceTensor,
  ParameterProgram,
  type Precision,
  toHost,
  toNumber,
} from '../../engine/index.ts'
import { gradients, gradientsOf, input, l2Normalize, type Tensor } from '../../graph/index.ts'
import {
  contrastiveLoss,
  contrastiveLosses,
  type Mixture,
  matchingLabels,
  matchingTargets,
  mixedLabels,
  mixedTargets,
  siglipLoss,
  siglipLosses,
} from '../../losses/index.ts'
import { crossModalRetrieval } from '../../metrics/index.ts'
import { type DualEncoder, DualEncoderPrograms } from '../../models/index.ts'
import { namedParameters, type Parameter } from '../../nn/index.ts'
import type { Communicator } from '../communicator.ts'
import type { ModelState } from '../model-state.ts'
import type { Metrics, StepRequest, StepResult, Task } from '../task.ts'
import {
  encodePieces,
  type Features,
  gatherFeatures,
  type PairArrays,
  pairArrays,
  piecesOf,
} from './cached-features.ts'
import { encodeDataset } from './encode-dataset.ts'
import { lossScaleFeed, lossScaleLeaf } from './loss-scale-input.ts'

/** The arrays of a contrastive batch. */
type Arrays = Readonly<Record<'pixelValues' | 'inputIds' | 'concepts', HostArray>>

const leaf = (name: string, { shape, dtype }: HostArray): Tensor => input(name, shape, dtype)

/**
 * Contrastive learning of a dual encoder: images and texts of one concept together, all others apart. CLIP
 * learns by symmetric InfoNCE, SigLIP, which has a bias, by the sigmoid loss.
 *
 * Batches hold `pixelValues` [batch, channels, height, width], `inputIds` [batch, length] int64 and `concepts`
 * [batch] int64: equal numbers match. Mixed batches also hold `partnerConcepts`, `imageShares` and `textShares`, and
 * their targets are soft.
 *
 * A batch in one piece takes one program. A batch in several pieces, or over several members, takes GradCache
 * (Gao et al. 2021): encode every piece, take the loss and its gradient with respect to all features at once,
 * encode again and let that gradient flow in. The gradients are the same; the memory is that of one piece.
 */
export class ContrastiveTask implements Task {
  readonly name = 'contrastive'
  readonly model: DualEncoder
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly #precision: Precision
  readonly #programs = new Map<string, Promise<ParameterProgram>>()
  readonly #encoders = new WeakMap<Arena, Promise<DualEncoderPrograms>>()

  /** @param options `precision` of the model's matrix products in training; default `float32`. */
  constructor(model: DualEncoder, { precision = 'float32' }: { readonly precision?: Precision } = {}) {
    this.model = model
    this.#precision = precision
    this.parameters = namedParameters(model)
  }

  async computeGradients(
    microBatches: readonly Batch[],
    state: ModelState,
    communicator: Communicator,
    request: StepRequest = { sampleLosses: false },
  ): Promise<StepResult> {
    const pieces = microBatches.map(({ arrays }) => arrays as Arrays)
    const [only] = pieces
    if (pieces.length === 1 && communicator.size === 1) return this.#atOnce(only!, state, request)

    const own = await encodePieces(pieces, (piece) => this.#encode(piece, state))
    const all = await gatherFeatures(own, communicator)
    await state.gradients.clear()
    const { dImage, dText, ...outputs } = await this.#lossOfFeatures(all, communicator.size, state, request)
    const count = own.image.shape[0]!
    const first = communicator.rank * count
    for (const piece of piecesOf(pieces, { dImage: dImage!, dText: dText! }, first))
      await this.#inject(piece, state)
    return stepResult(outputs, first, count)
  }

  async evaluate(batches: AsyncIterable<Batch>, values: Arena, state: ModelState): Promise<Metrics> {
    const encoders =
      this.#encoders.get(values) ?? DualEncoderPrograms.create(state.engine, this.model, values)
    this.#encoders.set(values, encoders)
    return crossModalRetrieval(await encodeDataset(await encoders, batches))
  }

  /** Loss and gradients in one program. */
  async #atOnce(arrays: Arrays, state: ModelState, request: StepRequest): Promise<StepResult> {
    const program = await this.#program(
      'step',
      arrays,
      state,
      () => {
        const { image, text } = this.#features(arrays)
        const outputs = this.#lossOf(image, text, pairArrays(arrays), request.sampleLosses)
        return { outputs, flow: [{ y: outputs.loss, dy: lossScaleLeaf(request) }] }
      },
      request,
    )
    const results = await program.run({ ...arrays, ...lossScaleFeed(request) })
    return stepResult(results, 0, arrays.pixelValues.shape[0]!)
  }

  /** The features of one piece. */
  async #encode(arrays: Arrays, state: ModelState) {
    const program = await this.#program('encode', arrays, state, () => ({ outputs: this.#features(arrays) }))
    return program.run(arrays)
  }

  /** The loss over all features and its gradient with respect to them; the scale's gradient goes to the arena. */
  async #lossOfFeatures(
    { image, text, pairs }: Features,
    members: number,
    state: ModelState,
    request: StepRequest,
  ) {
    const program = await this.#program(
      'loss',
      { image, text, ...pairs },
      state,
      () => {
        const [images, texts] = [leaf('image', image), leaf('text', text)]
        const outputs = this.#lossOf(images, texts, pairs, request.sampleLosses)
        const dy = lossScaleLeaf(request)
        const [dImage, dText] = gradients(outputs.loss, [images, texts], dy) as [Tensor, Tensor]
        // Every member takes the whole loss, and their gradients are added up: each gives its share.
        const flow = [{ y: outputs.loss, dy: dy.mul(1 / members) }]
        return { outputs: { ...outputs, dImage, dText }, flow }
      },
      request,
    )
    return program.run({ image, text, ...pairs, ...lossScaleFeed(request) })
  }

  /** Encode a piece again and let the gradient of its features flow back into the parameters. */
  async #inject(arrays: Arrays & Record<'dImage' | 'dText', HostArray>, state: ModelState): Promise<void> {
    const program = await this.#program('inject', arrays, state, () => {
      const { image, text } = this.#features(arrays)
      const flow = [
        { y: image, dy: leaf('dImage', arrays.dImage) },
        { y: text, dy: leaf('dText', arrays.dText) },
      ]
      return { outputs: {}, flow }
    })
    await program.run(arrays)
  }

  #features({ pixelValues, inputIds }: Arrays) {
    return {
      image: this.model.encodeImage(leaf('pixelValues', pixelValues)),
      text: this.model.encodeText(leaf('inputIds', inputIds)),
    }
  }

  #lossOf(image: Tensor, text: Tensor, pairs: PairArrays, sampleLosses: boolean) {
    const [images, texts] = [l2Normalize(image), l2Normalize(text)]
    const concepts = leaf('concepts', pairs.concepts)
    const mixture = mixtureOf(pairs, concepts)
    const logitScale = this.model.scale()
    const logitBias = this.model.bias()
    if (logitBias) {
      const options = {
        logitScale,
        logitBias,
        labels: mixture ? mixedLabels(mixture) : matchingLabels(concepts),
      }
      const losses = sampleLosses && { sampleLosses: siglipLosses(images, texts, options) }
      return { loss: siglipLoss(images, texts, options), scale: logitScale, ...losses }
    }
    const targets = mixture ? mixedTargets(mixture) : { targets: matchingTargets(concepts) }
    const options = { logitScale, ...targets }
    const losses = sampleLosses && { sampleLosses: contrastiveLosses(images, texts, options) }
    return { loss: contrastiveLoss(images, texts, options), scale: logitScale, ...losses }
  }

  /** The program of this kind for these shapes, compiled when first asked for. */
  #program(
    kind: string,
    arrays: Readonly<Record<string, HostArray>>,
    state: ModelState,
    build: () => { outputs: Record<string, Tensor>; flow?: { y: Tensor; dy: Tensor }[] },
    { sampleLosses, lossScale }: StepRequest = { sampleLosses: false },
  ): Promise<ParameterProgram> {
    const key = `${kind} ${sampleLosses} ${lossScale !== undefined}(${Object.values(arrays).map(({ shape }) => `[${shape}]`)})`
    const known = this.#programs.get(key)
    if (known) return known
    const { outputs, flow = [] } = build()
    const trained = state.groups.filter(({ frozen }) => !frozen).flatMap(({ names }) => names)
    const names =
      kind === 'loss' ? trained.filter((name) => name === 'logit_scale' || name === 'logit_bias') : trained
    const leaves = names.map((name) => this.parameters.get(name)!.tensor)
    const named = flow.length > 0 ? gradientsOf(flow, leaves).map((dy, i) => [names[i]!, dy] as const) : []
    const program = ParameterProgram.create(state.engine, state.values, state.gradients, {
      parameters: new Map([...this.parameters].map(([name, { tensor }]) => [name, tensor])),
      outputs,
      gradients: new Map(named),
      accumulate: kind !== 'step',
      precision: this.#precision,
    })
    this.#programs.set(key, program)
    return program
  }
}

/** The mixture of a batch that was mixed. */
function mixtureOf(pairs: PairArrays, concepts: Tensor): Mixture | undefined {
  const { partnerConcepts, imageShares, textShares } = pairs
  if (!partnerConcepts || !imageShares || !textShares) return undefined
  return {
    concepts,
    partnerConcepts: leaf('partnerConcepts', partnerConcepts),
    imageShares: leaf('imageShares', imageShares),
    textShares: leaf('textShares', textShares),
  }
}

/** What a program put out, with the losses of the batch's own samples, which begin at row `first` of all. */
async function stepResult(
  { loss, scale, sampleLosses }: Readonly<Record<string, DeviceTensor>>,
  first: number,
  count: number,
): Promise<StepResult> {
  const all = sampleLosses && (await toHost(sampleLosses, 'float32'))
  return {
    loss: await toNumber(loss!),
    numbers: { logitScale: await toNumber(scale!) },
    ...(all && { sampleLosses: all.slice(first, first + count) }),
  }
}
