import { float16 } from './float16.ts'
import { int8 } from './int8.ts'
import { weightOnly } from './weight-only.ts'

export { type CalibrationMethod, calibrationMethods } from './calibrators.ts'
export { type Float16Options, float16, float16Step } from './float16.ts'
export { type Int8Options, int8, int8Options, int8Step, sensitivity, withInt8 } from './int8.ts'
export { type CalibrationOptions, type Int8Plan, type LayerPlan, planInt8 } from './plan-int8.ts'
export { type LayerSensitivity, layerSensitivities } from './sensitivity.ts'
export { type WeightOnlyOptions, weightOnly, weightOnlyStep } from './weight-only.ts'

/** The ways to quantize, by their kind. */
export const quantizationMethods = { int8, weightOnly, float16 } as const
