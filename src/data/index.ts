export type { ArrayKinds } from './array-rows.ts'
export * from './augment/index.ts'
export type { CaptionCounts } from './captions-read.ts'
export {
  type Converted,
  type ConvertedForm,
  convertedForms,
  convertSource,
} from './convert/index.ts'
export type { ImageEye } from './eyes.ts'
export * from './images/index.ts'
export * from './inspection/index.ts'
export { earlierKeys, withKind } from './kind-key.ts'
export type { LabelKinds, Labels } from './label-rows.ts'
export * from './lerobot/index.ts'
export { type Loader, loader } from './loader.ts'
export type { LoaderFeedback } from './loader-feedback.ts'
export {
  type DataVariation,
  defaultWorkers,
  type LoaderOptions,
  type LoaderPosition,
} from './loader-options.ts'
export { startThreads } from './loader-threads.ts'
export * from './mcap/index.ts'
export * from './mix/index.ts'
export { PairTally } from './pair-tally.ts'
export * from './preview/index.ts'
export type {
  ArrayKind,
  ArrayStatistics,
  Complexity,
  EncodedImage,
  FramePlace,
  Joint,
  LabelKind,
  Origin,
  Sample,
} from './sample.ts'
export * from './selection/index.ts'
export { requireCamerasFit } from './several-cameras.ts'
export type { BadSampleReport, Member, OnBadSample, Source } from './source.ts'
export * from './sources/index.ts'
export * from './text/index.ts'
export type { TextSpec, TextSpecs } from './text-rows.ts'
