import { type Arena, ArenaProgram } from '../engine/index.ts'
import type { Tensor } from '../graph/index.ts'
import {
  clipFactor,
  type Ema,
  type MatrixRule,
  type Optimizer,
  sumOfSquares,
  updateStacked,
} from '../optim/index.ts'
import { isTrained, type ModelState } from './model-state.ts'

export interface UpdateOptions {
  readonly optimizer: Optimizer
  /** Largest norm of the whole gradient; a larger gradient is scaled down to it. */
  readonly clipNorm: number | undefined
  readonly ema: Ema | undefined
}

/** The end of a step: clip the gradients, apply the optimizer to the values, update their moving average. */
export class ParameterUpdate {
  readonly #options: UpdateOptions
  readonly #norm: ArenaProgram
  readonly #updates: readonly (ArenaProgram | undefined)[]
  readonly #average: ArenaProgram | undefined
  /** Zero in place of what a mask keeps zero. */
  readonly #masked: ArenaProgram | undefined

  private constructor(
    options: UpdateOptions,
    norm: ArenaProgram,
    updates: readonly (ArenaProgram | undefined)[],
    average: ArenaProgram | undefined,
    masked: ArenaProgram | undefined,
  ) {
    this.#options = options
    this.#norm = norm
    this.#updates = updates
    this.#average = average
    this.#masked = masked
  }

  static async create(state: ModelState, options: UpdateOptions): Promise<ParameterUpdate> {
    const { optimizer, ema } = options
    const norm = await ArenaProgram.create(state.engine, ['gradient'], [], ({ gradient }) => ({
      squares: sumOfSquares(gradient!),
    }))
    const everyElement = await elementwiseUpdate(state, optimizer)
    const updates: (ArenaProgram | undefined)[] = []
    for (const [index, { frozenEpochs, matrices }] of state.groups.entries()) {
      if (frozenEpochs === Number.POSITIVE_INFINITY) updates.push(undefined)
      else updates.push(matrices ? await matrixUpdate(state, index, optimizer.matrices!) : everyElement)
    }
    const average =
      ema &&
      (await ArenaProgram.create(state.engine, ['average', 'value'], ['decay'], (vectors) =>
        ema.update(vectors),
      ))
    const masked =
      state.mask &&
      (await ArenaProgram.create(state.engine, ['numbers', 'mask'], [], ({ numbers, mask }) => ({
        // No product: that of a negative number would be minus zero.
        numbers: mask!.equal(0).where(numbers!.scalar(0), numbers!),
      })))
    return new ParameterUpdate(options, norm, updates, average, masked)
  }

  /**
   * Apply the gradients in `state`. Each group counts its own updates: one that was frozen begins with its first.
   * @param lossScale Factor of the loss, and so of the gradients; undone before they are clipped.
   * @returns Norm of the gradient before clipping; nothing is changed when it is not finite.
   */
  async apply(state: ModelState, learningRate: number, lossScale = 1): Promise<number> {
    const { optimizer, clipNorm, ema } = this.#options
    await this.#keepZeros(state, state.gradients)
    const norm = (await this.#gradientNorm(state)) / lossScale
    if (!Number.isFinite(norm)) return norm
    const clip = (clipNorm === undefined ? 1 : clipFactor(norm, clipNorm)) / lossScale
    const arenas: Record<string, Arena> = { value: state.values, gradient: state.gradients, ...state.moments }
    for (const [index, group] of state.groups.entries()) {
      if (!isTrained(state, index)) continue
      const step = state.updates[index]! + 1
      await this.#updates[index]!.run(arenas, index, {
        ...optimizer.scalars(step),
        learningRate: learningRate * group.learningRate,
        weightDecay: group.weightDecay ?? optimizer.weightDecay,
        clip,
      })
      await this.#keepZeros(state, state.values, [index])
      if (this.#average && ema && state.average) {
        await this.#average.run({ average: state.average, value: state.values }, index, {
          decay: ema.decayAt(step),
        })
      }
      state.updates[index] = step
    }
    return norm
  }

  /** Put the zeros of the mask into an arena: an optimizer that sees matrices moves every element. */
  async #keepZeros(state: ModelState, numbers: Arena, groups = [...state.groups.keys()]): Promise<void> {
    if (!this.#masked || !state.mask) return
    for (const index of groups)
      if (isTrained(state, index)) await this.#masked.run({ numbers, mask: state.mask }, index)
  }

  async #gradientNorm(state: ModelState): Promise<number> {
    let squares = 0
    for (const index of state.groups.keys()) {
      if (!isTrained(state, index)) continue
      const sums = await this.#norm.run({ gradient: state.gradients }, index)
      squares += sums.squares ?? 0
    }
    return Math.sqrt(squares)
  }
}

/** An optimizer's formula, compiled for any group. */
function elementwiseUpdate({ engine }: ModelState, optimizer: Optimizer): Promise<ArenaProgram> {
  const vectors = ['value', 'gradient', ...optimizer.moments]
  const scalars = ['learningRate', 'weightDecay', 'clip', ...Object.keys(optimizer.scalars(1))]
  return ArenaProgram.create(engine, vectors, scalars, ({ clip, ...vectors }) =>
    optimizer.update({ ...vectors, gradient: vectors.gradient!.mul(clip!) }),
  )
}

/** The program of an optimizer's rule for matrices, for one whole group. */
function matrixUpdate(
  { engine, layout }: ModelState,
  group: number,
  rule: MatrixRule,
): Promise<ArenaProgram> {
  const { entries, length } = layout[group]!
  const build = ({ clip, learningRate, gradient, ...rest }: Readonly<Record<string, Tensor>>) =>
    updateStacked(entries, { ...rest, gradient: gradient!.mul(clip!) }, ({ value, gradient, mean }) =>
      rule.update({ value: value!, gradient: gradient!, mean: mean!, learningRate: learningRate! }),
    )
  return ArenaProgram.create(
    engine,
    ['value', 'gradient', ...rule.moments],
    ['learningRate', 'clip'],
    build,
    length,
  )
}
