import { defineConfig } from 'vite'

/** Headers with which a browser lets WebAssembly compute on several threads. */
const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

export default defineConfig({
  base: './',
  build: { target: 'es2022' },
  // onnxruntime-web finds its WebAssembly beside itself: moved files would be lost.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  server: { headers },
  preview: { headers },
})
