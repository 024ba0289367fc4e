export { displayed, pngOf } from './pictures.ts'
export type { MixedPreview } from './preview-mixing.ts'
export {
  type LabelledPicture,
  type Preview,
  type PreviewDraw,
  type PreviewOptions,
  type PreviewStep,
  previewSource,
  type SamplePreview,
} from './preview-source.ts'
export { type ProjectedPoint, projectPoint, projectPose } from './project-pose.ts'
export { type ProjectedMark, type SeenPicture, type SeenSquare, seenPicture } from './seen-picture.ts'
export { spreadSamples } from './spread-samples.ts'
export { type SampleVariation, variedSample } from './varied-sample.ts'
