import { type HostArray, sameShape } from '../../src/core/index.ts'
import { Engine, type Program } from '../../src/engine/index.ts'
import { rewrite, type Tensor, writeOnnx } from '../../src/graph/index.ts'

// One thread: the graphs of tests are tiny, and starting a pool of threads takes longer than running them.
const engine = new Engine({ threads: 1 })

export interface EvaluationOptions {
  /** Whether the graph goes through `rewrite`, as it does in `Engine.compile`. Default true. */
  readonly rewritten?: boolean
}

/** A compiled graph whose results come as plain numbers. */
export class Evaluation {
  readonly #program: Program
  readonly #outputs: Readonly<Record<string, Tensor>>

  private constructor(program: Program, outputs: Readonly<Record<string, Tensor>>) {
    this.#program = program
    this.#outputs = outputs
  }

  static async create(
    outputs: Readonly<Record<string, Tensor>>,
    { rewritten = true }: EvaluationOptions = {},
  ): Promise<Evaluation> {
    const { bytes } = writeOnnx(rewritten ? rewrite(outputs) : outputs)
    return new Evaluation(await engine.load(bytes), outputs)
  }

  /** The elements of each output. @throws Error when a shape is not the one that was inferred. */
  async run(feeds: Readonly<Record<string, HostArray>>): Promise<Record<string, number[]>> {
    const results = await this.#program.run(feeds)
    return Object.fromEntries(
      Object.entries(results).map(([name, { data, dims }]) => {
        const { shape } = this.#outputs[name]!
        if (!sameShape(dims, shape))
          throw new Error(`${name} came back as [${dims}], the graph says [${shape}]`)
        return [name, Array.from(data as ArrayLike<number | bigint>, Number)]
      }),
    )
  }

  release(): Promise<void> {
    return this.#program.release()
  }
}

/** Compile and run once. */
export async function evaluate(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, HostArray>> = {},
  options: EvaluationOptions = {},
): Promise<Record<string, number[]>> {
  const evaluation = await Evaluation.create(outputs, options)
  try {
    return await evaluation.run(feeds)
  } finally {
    await evaluation.release()
  }
}
