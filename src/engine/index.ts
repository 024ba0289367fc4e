export { availableDevices, type DeviceName, deviceNames, requireDevice } from './devices.ts'
export { Engine, type EngineOptions } from './engine.ts'
export { type DeviceTensor, type Feed, Program, toDevice, toHost, toNumber } from './program.ts'
