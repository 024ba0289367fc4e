import { requireWorkingDevice } from '../../src/engine/index.ts'
import { halfGradients } from './half-gradients.ts'

// Prints the gradients of a small CLIP in float16 on WebGPU, or why there are none, as JSON.

const refusal = await requireWorkingDevice('webgpu', 'float16').then(
  () => undefined,
  ({ code, message }: Error & { code: string }) => ({ code, message }),
)
console.log(JSON.stringify(refusal ? { refusal } : { gradients: await halfGradients('webgpu') }))
