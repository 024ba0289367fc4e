export { type DecodeOptions, decodeImage, type Fit } from './decode.ts'
export { type CacheMemory, cacheMemory, ImageCache } from './image-cache.ts'
export { type Color, type Pixels, type Rectangle, white } from './pixels.ts'
export { thumbnail } from './thumbnail.ts'
