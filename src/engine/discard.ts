import { MessageChannel } from 'node:worker_threads'
import type { Tensor as OrtTensor } from 'onnxruntime-node'

/** A port that nobody listens to. */
const { port1: nowhere, port2: end } = new MessageChannel()
end.close()

/**
 * Free a tensor's host memory now, and not at some later garbage collection: what is sent to a closed port is taken
 * from the sender and dropped. ONNX Runtime gives out a copy of every result, each step as much as all gradients;
 * left to the collector they double the memory, and every new one must be mapped again page by page.
 */
export function discard(tensor: OrtTensor): void {
  if (tensor.location !== 'cpu') return
  const { buffer } = tensor.data as Exclude<typeof tensor.data, string[]>
  nowhere.postMessage(undefined, [buffer as ArrayBuffer])
}
