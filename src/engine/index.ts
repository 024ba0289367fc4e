export { Arena, type ArenaOptions } from './arena.ts'
export { type ArenaEntry, type ArenaGroup, type ArenaLayout, arenaLayout } from './arena-layout.ts'
export { ArenaProgram } from './arena-program.ts'
export {
  type ForeignArgument,
  type ForeignFunction,
  type ForeignLibrary,
  foreignLibrary,
} from './c-api/foreign-library.ts'
export type { DeviceTensor } from './device-tensor.ts'
export {
  availableDevices,
  type DeviceName,
  deviceNames,
  onnxruntimeVersion,
  requireDevice,
} from './devices.ts'
export {
  type CompileOptions,
  Engine,
  type EngineOptions,
  type LoadOptions,
  type Precision,
  precisions,
} from './engine.ts'
export type { Feed } from './feed.ts'
export { ParameterProgram, type ParameterProgramOptions } from './parameter-program.ts'
export { Program, type ProgramValue, toDevice, toHost, toNumber } from './program.ts'
export { requireWorkingDevice } from './require-working-device.ts'
