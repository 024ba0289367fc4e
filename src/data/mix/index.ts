export { type CutMix, cutMix, type MixMethod, type MixUp, mixMethods, mixUp } from './mix-methods.ts'
