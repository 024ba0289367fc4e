/** The part of jax-js used here; the library itself is no dependency of this project. */
export interface JaxArray {
  readonly shape: number[]
  /** Every operation uses an array up; `ref` gives another use of it. */
  readonly ref: JaxArray
  add(other: JaxArray | number): JaxArray
  sub(other: JaxArray | number): JaxArray
  mul(other: JaxArray | number): JaxArray
  div(other: JaxArray | number): JaxArray
  sum(axis?: number, options?: { keepdims: boolean }): JaxArray
  mean(axis?: number, options?: { keepdims: boolean }): JaxArray
  reshape(shape: readonly number[]): JaxArray
  transpose(permutation?: readonly number[]): JaxArray
  slice(...index: (number | readonly number[])[]): JaxArray
  data(): Promise<Float32Array>
}

/** Arrays by name. */
export type Tree = { readonly [name: string]: JaxArray | Tree }

export interface Jax {
  init(device: string): Promise<unknown>
  defaultDevice(device: string): void
  blockUntilReady(tree: Tree): Promise<unknown>
  jit<F>(f: F): F
  valueAndGrad<W extends Tree, I>(
    f: (weights: W, inputs: I) => JaxArray,
  ): (weights: W, inputs: I) => [JaxArray, W]
  tree: { ref<T>(tree: T): T }
  numpy: {
    array(data: unknown, options: { shape: readonly number[]; dtype: string }): JaxArray
    zeros(shape: readonly number[]): JaxArray
    matmul(a: JaxArray, b: JaxArray): JaxArray
    take(table: JaxArray, indices: JaxArray, axis: number): JaxArray
    concatenate(arrays: readonly JaxArray[], axis: number): JaxArray
    broadcastTo(x: JaxArray, shape: readonly number[]): JaxArray
    minimum(a: JaxArray, b: number): JaxArray
    sqrt(x: JaxArray): JaxArray
    square(x: JaxArray): JaxArray
    exp(x: JaxArray): JaxArray
    eye(size: number): JaxArray
    tri(rows: number, columns: number, diagonal: number, options: { dtype: string }): JaxArray
    where(condition: JaxArray, whenTrue: JaxArray, whenFalse: number): JaxArray
  }
  nn: {
    sigmoid(x: JaxArray): JaxArray
    logsumexp(x: JaxArray, axis: number): JaxArray
    softmax(x: JaxArray): JaxArray
  }
}
