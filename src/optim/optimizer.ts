import type { Shape } from '../core/index.ts'
import type { Tensor } from '../graph/index.ts'

/** Inputs of every `update`, beside an optimizer's own moments and scalars. */
export type UpdateInput = 'value' | 'gradient' | 'learningRate' | 'weightDecay'

/**
 * An update rule, written as the formula for one vector. The engine compiles it for the flat arenas
 * that hold all values, all gradients and each moment, so a new optimizer is one file with a formula.
 *
 * `Moment` and `Scalar` are the names an optimizer adds; as plain `Optimizer` they are any strings.
 */
export interface Optimizer<Moment extends string = string, Scalar extends string = string> {
  /** Name of the function that made it: with `options` it describes the optimizer in `recipe.json`. */
  readonly kind: string
  /** Every option of that function, defaults filled in. */
  readonly options: Readonly<Record<string, number | boolean>>
  /** Base rate; a schedule and the factor of a parameter group multiply it. */
  readonly learningRate: number
  /** Decay of parameters that no rule of `parameterGroups` exempts. */
  readonly weightDecay: number
  /** State vectors as long as the values, zero before the first step. */
  readonly moments: readonly Moment[]
  /** Numbers that change with the step, e.g. bias corrections. `step` counts from 1. */
  scalars(step: number): Readonly<Record<Scalar, number>>
  /**
   * One step. Vectors have shape [length], `learningRate`, `weightDecay` and the scalars have
   * shape []; everything is float32 and every operation elementwise, so that the engine may update in place.
   * `gradient` is already averaged and clipped.
   * @returns The next value and the next of every moment.
   */
  update(
    state: Readonly<Record<UpdateInput | Moment | Scalar, Tensor>>,
  ): Readonly<Record<'value' | Moment, Tensor>>
  /** A rule for weights that are updated as matrices, not element by element. */
  readonly matrices?: MatrixRule
}

/** An update of whole weight matrices, for the parameters it accepts; the others follow `update`. */
export interface MatrixRule {
  accepts(name: string, shape: Shape): boolean
  /** The moments of the optimizer that `update` keeps. */
  readonly moments: readonly string[]
  /**
   * One step for a stack of matrices [count, rows, columns] of one shape.
   * @param state `value`, `gradient`, the moments and the scalar `learningRate`.
   * @returns The next value and the next of its moments.
   */
  update(
    state: Readonly<Record<'value' | 'gradient' | 'mean' | 'learningRate', Tensor>>,
  ): Readonly<Record<string, Tensor>>
}
