import { showDemo } from 'visuomotor/deploy/browser'

// A bundle of `visuomotor export`, in `public/bundle`: a dual encoder to search pictures with, or a policy of either kind to give commands.
await showDemo({
  bundle: 'bundle/',
  runtimes: {
    wasm: () => import('onnxruntime-web/wasm'),
    webgpu: () => import('onnxruntime-web/webgpu'),
  },
})
