import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/report/tensorboard-events.json' with { type: 'json' }
import { eventRecord, fileVersionRecord, startRecord } from './tensorboard.ts'

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

describe('event records', () => {
  it('begin a file as TensorBoard does, byte for byte', () => {
    expect(base64(fileVersionRecord(golden.version.wallTime))).toBe(golden.version.record)
  })

  it('are what TensorBoard writes, byte for byte, with steps past 32 bits and names past ASCII', () => {
    for (const { event, record } of golden.events) {
      const scalars = Object.fromEntries(Object.entries(event.scalars))
      expect(base64(eventRecord({ ...event, scalars }))).toBe(record)
    }
  })

  it('tell where a run goes on as TensorBoard does, byte for byte', () => {
    expect(base64(startRecord(golden.start.event))).toBe(golden.start.record)
  })

  it('hold no value when there is none', () => {
    expect(eventRecord({ wallTime: 1, step: 1, scalars: {} })).toHaveLength(16 + 9 + 2 + 2)
  })
})
