/** The part of TensorFlow.js used here; the library itself is no dependency of this project. */
export interface Tensor {
  readonly shape: number[]
  add(other: Tensor | number): Tensor
  sub(other: Tensor | number): Tensor
  mul(other: Tensor | number): Tensor
  div(other: Tensor | number): Tensor
  square(): Tensor
  sqrt(): Tensor
  rsqrt(): Tensor
  exp(): Tensor
  sigmoid(): Tensor
  softmax(): Tensor
  logSumExp(axis: number): Tensor
  minimum(other: number): Tensor
  sum(axis?: number, keepDims?: boolean): Tensor
  mean(axis?: number, keepDims?: boolean): Tensor
  reshape(shape: readonly number[]): Tensor
  transpose(permutation?: readonly number[]): Tensor
  tile(repetitions: readonly number[]): Tensor
  slice(begin: readonly number[], size: readonly number[]): Tensor
  data(): Promise<Float32Array>
  dispose(): void
}

/** A value that brings its own gradient along: of each argument, from its own and what was saved. */
interface CustomGradient {
  readonly value: Tensor
  readonly gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor[]
}

export interface TensorFlow {
  setBackend(name: string): Promise<boolean>
  tensor(data: unknown, shape: readonly number[], dtype: string): Tensor
  matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor
  gather(table: Tensor, indices: Tensor): Tensor
  scatterND(indices: Tensor, updates: Tensor, shape: readonly number[]): Tensor
  customGrad(
    f: (a: Tensor, b: Tensor, save: (tensors: Tensor[]) => void) => CustomGradient,
  ): (a: Tensor, b?: Tensor) => Tensor
  concat(tensors: readonly Tensor[], axis: number): Tensor
  eye(size: number): Tensor
  zeros(shape: readonly number[]): Tensor
  addN(tensors: readonly Tensor[]): Tensor
  tidy<Result>(run: () => Result): Result
  dispose(tensors: readonly Tensor[]): void
  valueAndGrads(
    f: (...values: Tensor[]) => Tensor,
  ): (values: readonly Tensor[]) => { value: Tensor; grads: Tensor[] }
}
