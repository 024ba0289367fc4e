import type { HostArray } from '../../core/index.ts'
import { type Arena, type Engine, ParameterProgram } from '../../engine/index.ts'
import { input, type SymbolicSize, symbolicPrimes, type Tensor } from '../../graph/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { type PolicyRunner, type PolicyValues, policyValues } from '../policy-runner.ts'
import type { HeadOutputs } from './head.ts'
import type { Policy } from './policy.ts'

/** Stands for the batch size while the graph is built. */
const [prime] = symbolicPrimes

/** A policy over the arena of its parameters, ready to run on batches of any size. */
export class PolicyPrograms implements PolicyRunner {
  readonly #program: ParameterProgram

  private constructor(program: ParameterProgram) {
    this.#program = program
  }

  /** @param values Arena of the model's parameters; the program follows when they change. */
  static async create(engine: Engine, model: Policy, values: Arena): Promise<PolicyPrograms> {
    const { image, text } = model.inputs
    const pixels = input('pixelValues', [prime, image.channels, image.size, image.size])
    const ids = input('inputIds', [prime, text.length], 'int64')
    const symbolicSizes: SymbolicSize[] = [
      { prime, name: 'batch', input: pixels, axis: 0 },
      { prime, name: 'batch', input: ids, axis: 0 },
    ]
    const { heads, attention } = model.forward(pixels, ids)
    const parameters = new Map([...namedParameters(model)].map(([name, { leaf }]) => [name, leaf]))
    const outputs = { attention: attention.softmax(), ...outputsByName(heads) }
    return new PolicyPrograms(
      await ParameterProgram.create(engine, values, undefined, { parameters, outputs, symbolicSizes }),
    )
  }

  /** @param pixelValues [batch, channels, height, width]  @param inputIds [batch, length] int64 */
  async run(pixelValues: HostArray, inputIds: HostArray): Promise<PolicyValues> {
    return policyValues(await this.#program.run({ pixelValues, inputIds }))
  }
}

/** Outputs of all heads under `head.output`. */
export const outputsByName = (heads: Readonly<Record<string, HeadOutputs>>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(heads).flatMap(([name, outputs]) =>
      Object.entries(outputs).map(([output, tensor]) => [`${name}.${output}`, tensor]),
    ),
  )
