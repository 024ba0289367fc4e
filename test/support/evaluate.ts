import { type HostArray, sameShape } from '../../src/core/index.ts'
import { Engine } from '../../src/engine/index.ts'
import { rewrite, type Tensor, writeOnnx } from '../../src/graph/index.ts'

// One thread: the graphs of tests are tiny, and starting a pool of threads takes longer than running them.
const engine = new Engine({ threads: 1 })

export interface EvaluateOptions {
  /** Whether the graph goes through `rewrite`, as it does in `Engine.compile`. Default true. */
  readonly rewritten?: boolean
}

/** Run a graph once. Returns the elements of each output as numbers. */
export async function evaluate(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, HostArray>> = {},
  { rewritten = true }: EvaluateOptions = {},
): Promise<Record<string, number[]>> {
  const { bytes } = writeOnnx(rewritten ? rewrite(outputs) : outputs)
  const program = await engine.load(bytes)
  try {
    const results = await program.run(feeds)
    return Object.fromEntries(
      Object.entries(results).map(([name, { data, dims }]) => {
        const expected = outputs[name]!.shape
        if (!sameShape(dims, expected)) {
          throw new Error(`${name} came back as [${dims}], but the graph says [${expected}]`)
        }
        return [name, Array.from(data as ArrayLike<number | bigint>, Number)]
      }),
    )
  } finally {
    await program.release()
  }
}
