export { render } from './render.ts'
export * from './render-scene.ts'
