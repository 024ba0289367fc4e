import { EngineError } from '../core/index.ts'
import type { Binding } from './c-api/binding.ts'
import type { TensorType } from './c-api/tensor-type.ts'
import type { Value } from './c-api/value.ts'
import { DeviceTensor, deviceValue, onDevice } from './device-tensor.ts'
import { checkFeed } from './feed.ts'
import { HostMemory, writeBytes } from './host-memory.ts'

/** An input of a program: bound when what it reads is somewhere else than in the run before. */
export class InputSlot {
  readonly #binding: Binding
  readonly #name: string
  readonly #type: TensorType
  readonly #copies: HostMemory
  /** The value that the library may read, held for as long. */
  #bound: Value | undefined

  constructor(binding: Binding, name: string, type: TensorType) {
    this.#binding = binding
    this.#name = name
    this.#type = type
    this.#copies = new HostMemory(type.dtype)
  }

  /** True once something was fed. */
  get isBound(): boolean {
    return this.#bound !== undefined
  }

  /** @throws EngineError `engine/feed` when the feed does not fit, `engine/released` when it was disposed of. */
  bind(feed: unknown): void {
    const { shape, data } = checkFeed(`input '${this.#name}'`, this.#type, feed)
    const own = valueInPlace(this.#binding, feed)
    const value = own ?? this.#copies.shaped(shape)
    if (!own) this.#copies.write(data!)
    // Host memory is sent to another device when it is bound, and not again.
    const isSent = value.memory !== undefined && this.#binding.session.device !== 'cpu'
    if (value !== this.#bound || isSent) this.#binding.input(this.#name, value)
    this.#bound = value
  }
}

/**
 * An output of a program: it stays bound to the caller's tensor, or to memory of the program from which it is copied.
 * Where ONNX Runtime must find memory itself, it is bound to a location before each run and taken from the binding
 * after it: when its size is free, when it stays on the device, and when it is an input, for then the library gives out
 * what was fed and writes nothing.
 */
export class OutputSlot {
  readonly #binding: Binding
  readonly #name: string
  readonly #type: TensorType
  readonly #copies: HostMemory
  readonly #stays: boolean
  readonly #isInput: boolean
  #bound: Value | undefined
  #place: DeviceTensor | undefined

  constructor(binding: Binding, name: string, type: TensorType, stays: boolean) {
    this.#binding = binding
    this.#name = name
    this.#type = type
    this.#copies = new HostMemory(type.dtype)
    this.#stays = stays
    this.#isInput = binding.session.inputs.has(name)
  }

  /** True when the next run finds memory for the output. */
  get isAllocated(): boolean {
    return this.#bound === undefined
  }

  /** @throws EngineError `engine/feed` when the place does not fit. */
  bind(place: unknown): void {
    this.#place = place === undefined ? undefined : this.#checked(place)
    const value = this.#target()
    if (value === undefined) this.#binding.outputAt(this.#name, this.#stays ? 'gpu-buffer' : 'cpu')
    else if (value !== this.#bound) this.#binding.output(this.#name, value)
    this.#bound = value
  }

  /** The result of the run, when it is over. @param taken What the run allocated. */
  result(taken: Value | undefined): DeviceTensor {
    if (taken && this.#stays) return onDevice(taken)
    const { dtype, shape } = taken?.type ?? this.#type
    if (!this.#place) {
      const data = taken ? taken.copy() : this.#copies.copy()
      taken?.release()
      return DeviceTensor.over({ dtype, shape, data })
    }
    if (taken || this.#bound !== deviceValue(this.#place)) {
      const { data } = checkFeed(this.#role, { dtype, shape }, this.#place)
      writeBytes(data!, taken ? taken.copy() : this.#copies.copy())
      taken?.release()
    }
    return this.#place
  }

  get #role(): string {
    return `output '${this.#name}'`
  }

  /** Undefined when ONNX Runtime finds memory. */
  #target(): Value | undefined {
    if (this.#isInput) return undefined
    if (this.#place) return valueInPlace(this.#binding, this.#place) ?? this.#copies.shaped(this.#place.dims)
    const isFree = this.#type.shape.some((size) => size < 0)
    return this.#stays || isFree ? undefined : this.#copies.shaped(this.#type.shape)
  }

  #checked(place: unknown): DeviceTensor {
    checkFeed(this.#role, this.#type, place)
    if (place instanceof DeviceTensor) return place
    const message = `${this.#role} is written into tensors, not into host arrays: use toDevice`
    throw new EngineError('engine/feed', message, { role: this.#role })
  }
}

/** The value of a tensor that the library may use where it is. */
function valueInPlace({ session }: Binding, feed: unknown): Value | undefined {
  const value = feed instanceof DeviceTensor ? deviceValue(feed) : undefined
  if (value && !value.memory && session.device !== 'webgpu') {
    throw new EngineError('engine/feed', `a buffer of webgpu cannot be used on ${session.device}`, {
      device: session.device,
    })
  }
  return value?.held()
}
