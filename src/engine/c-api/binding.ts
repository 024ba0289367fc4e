import { defaultAllocator, type Location, memoryInfo } from './environment.ts'
import { ort, pointerFrom, pointersAt } from './functions.ts'
import type { Session } from './session.ts'
import { Value } from './value.ts'

/** Collector of bindings that nobody released, and with them their sessions. */
const forgotten = new FinalizationRegistry<() => void>((free) => free())

/**
 * A session with what it reads and writes. What is bound stays so from run to run; whoever binds a value holds it, for
 * as long as it is bound.
 */
export class Binding {
  readonly session: Session
  readonly #pointer: bigint
  /** Outputs in the library's order: that in which they were first bound. */
  readonly #outputs = new Set<string>()
  readonly #free: () => void

  /** @param session Now the binding's: they are released together. */
  constructor(session: Session) {
    this.session = session
    const pointer = pointerFrom((out) => ort().CreateIoBinding(session.pointer, out))
    this.#pointer = pointer
    this.#free = () =>
      session.betweenRuns(() => {
        ort().ReleaseIoBinding(pointer)
        session.release()
      })
    forgotten.register(this, this.#free, this)
  }

  input(name: string, { pointer }: Value): void {
    ort().BindInput(this.#pointer, name, pointer)
  }

  output(name: string, { pointer }: Value): void {
    this.#outputs.add(name)
    ort().BindOutput(this.#pointer, name, pointer)
  }

  /** Let ONNX Runtime allocate an output, in host memory or on the device. */
  outputAt(name: string, location: Location): void {
    this.#outputs.add(name)
    ort().BindOutputToDevice(this.#pointer, name, memoryInfo(location))
  }

  /** Compute on another thread. */
  run(): Promise<void> {
    return ort().RunWithBinding.later(this.session.pointer, null, this.#pointer)
  }

  /** The named outputs of the last run, which belong to the caller. */
  take(names: ReadonlySet<string>): Map<string, Value> {
    const count = new BigUint64Array(1)
    const list = pointerFrom((out) =>
      ort().GetBoundOutputValues(this.#pointer, defaultAllocator(), out, count),
    )
    const values = pointersAt(list, Number(count[0]))
    ort().AllocatorFree(defaultAllocator(), list)
    const taken = new Map<string, Value>()
    for (const [i, name] of [...this.#outputs].entries()) {
      const value = values[i]!
      if (names.has(name)) taken.set(name, Value.from(value, name, this.session))
      else ort().ReleaseValue(value)
    }
    return taken
  }

  release(): void {
    forgotten.unregister(this)
    this.#free()
  }
}
