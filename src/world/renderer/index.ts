export * from './render-scene.ts'
