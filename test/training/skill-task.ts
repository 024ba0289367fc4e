import { type Batch, float32 } from '../../src/core/index.ts'
import type { Arena } from '../../src/engine/index.ts'
import { Parameter } from '../../src/nn/index.ts'
import type { Communicator, Metrics, ModelState, StepResult, Task } from '../../src/training/index.ts'

/** Who learns one number, his skill: a sample of difficulty d costs him max(0, d − skill). */
export class SkillTask implements Task {
  readonly name = 'skill'
  readonly parameters = new Map([
    ['skill', new Parameter([1], () => Float32Array.of(0))],
  ]) as Task['parameters']
  readonly #difficulties: ReadonlyMap<string, number>

  constructor(difficulties: ReadonlyMap<string, number>) {
    this.#difficulties = difficulties
  }

  async computeGradients(
    [batch]: readonly Batch[],
    state: ModelState,
    _: Communicator,
    { sampleLosses } = { sampleLosses: false },
  ): Promise<StepResult> {
    const skill = await skillOf(state.values)
    const losses = Float32Array.from(batch!.ids, (id) => Math.max(0, this.#difficulties.get(id)! - skill))
    const wrong = losses.filter((loss) => loss > 0).length
    await state.gradients.write(new Map([['skill', float32([1], [-wrong / losses.length])]]))
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length
    return { loss, numbers: {}, ...(sampleLosses && { sampleLosses: losses }) }
  }

  /** The part of all samples that he masters. */
  async evaluate(_: AsyncIterable<Batch>, values: Arena): Promise<Metrics> {
    const skill = await skillOf(values)
    const all = [...this.#difficulties.values()]
    return { mastered: all.filter((difficulty) => difficulty <= skill).length / all.length }
  }
}

const skillOf = async (values: Arena): Promise<number> => (await values.read()).get('skill')!.data[0]!
