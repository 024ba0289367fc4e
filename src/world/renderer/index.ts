export { linear, srgb } from './linear-color.ts'
export { render } from './render.ts'
export * from './render-scene.ts'
