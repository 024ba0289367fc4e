import type { HostArray } from '../core/index.ts'

/**
 * A dual encoder that can be run: programs over the arenas of a training, a bundle's ONNX files, a quantized model, or
 * one on another machine. Search and evaluation need no more.
 */
export interface DualEncoderRunner {
  /** [batch, channels, height, width] → unit vectors [batch, projection], row after row. */
  encodeImages(pixelValues: HostArray): Promise<Float32Array>
  /** [batch, length] int64 → unit vectors [batch, projection], row after row. */
  encodeTexts(inputIds: HostArray): Promise<Float32Array>
}
