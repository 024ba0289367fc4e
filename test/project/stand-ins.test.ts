import { expect, test } from 'vitest'
import * as core from '../../src/core/index.ts'
import { Engine } from '../../src/engine/index.ts'
import { startProcess, startWorker } from '../support/built-worker-module.ts'

test('in tests workers are the built ones, and an engine has one thread unless it is told otherwise', () => {
  expect(core.startWorker).toBe(startWorker)
  expect(core.startProcess).toBe(startProcess)
  expect(new Engine().threads).toBe(1)
  expect(new Engine({ threads: 2 }).threads).toBe(2)
})
