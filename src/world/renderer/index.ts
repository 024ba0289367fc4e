export { encodePng } from './encode-png.ts'
export { linear, srgb } from './linear-color.ts'
export { render, renderLabels } from './render.ts'
export * from './render-scene.ts'
