import { type EngineOptions, Engine as UsualEngine } from '../../src/engine/engine.ts'

export * from '../../src/engine/engine.ts'

/**
 * In tests this stands for the engine of src/engine/engine.ts (vitest.config.ts). They compute on one thread where they do not say
 * how many: two files are tested at once, and threads of ONNX Runtime that wait for each other take all of a core.
 */
export class Engine extends UsualEngine {
  constructor({ threads = 1, ...options }: EngineOptions = {}) {
    super({ ...options, threads })
  }
}
