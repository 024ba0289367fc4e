import { expect } from 'vitest'

// Setup of all tests: typed arrays of the same bytes are equal at once. Element by element, a matcher takes 4 µs for
// each, and a test that compares weights takes longer for that than for the training.

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)

/** True for two arrays of one type with the same bytes; otherwise the matcher goes on as ever, and tells what differs. */
function haveEqualBytes(a: unknown, b: unknown): true | undefined {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.constructor !== b.constructor) return undefined
  return bytesOf(a).equals(bytesOf(b)) || undefined
}

// Files share a process, and this is carried out for each of them.
const installed = Symbol.for('visuomotor.equal-bytes')
const place = globalThis as { [installed]?: boolean }
if (!place[installed]) {
  place[installed] = true
  expect.addEqualityTesters([haveEqualBytes])
}
