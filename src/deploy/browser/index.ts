/// <reference lib="dom" preserve="true" />
/// <reference lib="dom.iterable" preserve="true" />
export type { FetchOptions } from './fetched-bundle.ts'
export { type OpenedModel, type OpenOptions, openBundle } from './open-bundle.ts'
export { type DemoOptions, showDemo } from './page/demo-page.ts'
export { decodePicture, squarePicture } from './picture.ts'
export type { WebDevice, WebRuntime, WebRuntimes, WebSession, WebTensor } from './web-runtime.ts'
