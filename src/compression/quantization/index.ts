export { calibrationMethods, type CalibrationMethod } from './calibrators.ts'
export { type Int8Options, int8, int8Options, sensitivity, withInt8 } from './int8.ts'
export { type CalibrationOptions, type Int8Plan, type LayerPlan, planInt8 } from './plan-int8.ts'
export { type LayerSensitivity, layerSensitivities } from './sensitivity.ts'
