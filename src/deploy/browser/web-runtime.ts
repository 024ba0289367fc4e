/** A tensor of onnxruntime-web. */
export interface WebTensor {
  readonly dims: readonly number[]
  readonly data: unknown
}

/** A session of onnxruntime-web. */
export interface WebSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(feeds: Readonly<Record<string, WebTensor>>): Promise<Readonly<Record<string, WebTensor>>>
  release(): Promise<void>
}

/** The part of the package onnxruntime-web that is used; a page hands it in, as `import('onnxruntime-web/wasm')`. */
export interface WebRuntime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options?: { executionProviders?: readonly WebDevice[] }): Promise<WebSession>
  }
  readonly Tensor: new (
    type: 'float32' | 'int64',
    data: Float32Array | BigInt64Array,
    dims: readonly number[],
  ) => WebTensor
}

/** Places that a browser computes in: its processor by WebAssembly, or its graphics card. */
export const webDevices = ['wasm', 'webgpu'] as const

export type WebDevice = (typeof webDevices)[number]

/** Loaders of onnxruntime-web for each device; only the one that is used is called. */
export type WebRuntimes = Readonly<Record<WebDevice, () => Promise<WebRuntime>>>

/** Adapters of WebGPU, as far as is asked of them. */
interface Gpu {
  requestAdapter(): Promise<unknown>
}

/** The reason why this browser computes nothing by WebGPU; undefined where it does. */
export async function missingWebGpu(): Promise<string | undefined> {
  const { gpu } = navigator as { readonly gpu?: Gpu }
  if (gpu === undefined)
    return 'this browser has no WebGPU, or gives it to pages of https and of this machine only'
  try {
    return (await gpu.requestAdapter()) ? undefined : 'this browser finds no graphics card for WebGPU'
  } catch (cause) {
    return `WebGPU fails: ${(cause as Error).message}`
  }
}
