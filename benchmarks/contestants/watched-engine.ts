import { type CompileOptions, Engine, type Program } from '../../src/engine/index.ts'
import type { Tensor } from '../../src/graph/index.ts'

/** An engine that remembers what it compiled, and how long that took. */
export class WatchedEngine extends Engine {
  readonly compiled: {
    readonly outputs: Readonly<Record<string, Tensor>>
    /** On `performance.now()`'s clock. */
    readonly started: number
    readonly milliseconds: number
  }[] = []

  override async compile(
    outputs: Readonly<Record<string, Tensor>>,
    options?: CompileOptions,
  ): Promise<Program> {
    const started = performance.now()
    const program = await super.compile(outputs, options)
    this.compiled.push({ outputs, started, milliseconds: performance.now() - started })
    return program
  }
}
