import protobuf from 'protobufjs/minimal.js'

/** Numbers of one step. */
export interface ScalarEvent {
  /** Seconds since 1970, as `Date.now() / 1000`. */
  readonly wallTime: number
  readonly step: number
  /** Values by tag, e.g. `train/loss`; stored as float32. */
  readonly scalars: Readonly<Record<string, number>>
}

/**
 * The record that every `events.out.tfevents.*` file begins with.
 *
 * @param wallTime Seconds since 1970.
 */
export function fileVersionRecord(wallTime: number): Uint8Array {
  // Event.wall_time = 1 (double), Event.file_version = 3 (string)
  return record(
    protobuf.Writer.create()
      .uint32(tag(1, fixed64))
      .double(wallTime)
      .uint32(tag(3, bytes))
      .string('brain.Event:2'),
  )
}

/**
 * The record that a run begins or resumes at `step`: TensorBoard drops the events of the run's earlier files from
 * that step on.
 */
export function startRecord({ wallTime, step }: Omit<ScalarEvent, 'scalars'>): Uint8Array {
  // Event.session_log = 7 (SessionLog), SessionLog.status = 1 (enum), START = 1
  const event = eventAt(wallTime, step).uint32(tag(7, bytes)).fork().uint32(tag(1, varint)).uint32(1)
  return record(event.ldelim())
}

/**
 * One step's scalars as a record to append to an event file. TensorBoard reads the file while it grows, and
 * stops at a record that was cut off.
 */
export function eventRecord({ wallTime, step, scalars }: ScalarEvent): Uint8Array {
  // Event.summary = 5 (Summary)
  const event = eventAt(wallTime, step).uint32(tag(5, bytes)).fork()
  for (const [name, value] of Object.entries(scalars)) {
    // Summary.value = 1 (Value), Value.tag = 1 (string), Value.simple_value = 2 (float)
    event.uint32(tag(1, bytes)).fork()
    event.uint32(tag(1, bytes)).string(name).uint32(tag(2, fixed32)).float(value).ldelim()
  }
  return record(event.ldelim())
}

/** The beginning of an event: Event.wall_time = 1 (double), Event.step = 2 (int64). */
const eventAt = (wallTime: number, step: number): protobuf.Writer =>
  protobuf.Writer.create().uint32(tag(1, fixed64)).double(wallTime).uint32(tag(2, varint)).int64(step)

/** Wire types of protocol buffers. */
const [varint, fixed64, bytes, fixed32] = [0, 1, 2, 5]

const tag = (field: number, wireType: number): number => (field << 3) | wireType

/** TFRecord: length (uint64), its checksum, the message, its checksum; little-endian. */
function record(message: protobuf.Writer): Uint8Array {
  const payload = message.finish()
  const framed = new Uint8Array(payload.length + 16)
  const view = new DataView(framed.buffer)
  view.setBigUint64(0, BigInt(payload.length), true)
  view.setUint32(8, maskedChecksum(framed.subarray(0, 8)), true)
  framed.set(payload, 12)
  view.setUint32(12 + payload.length, maskedChecksum(payload), true)
  return framed
}

/** CRC-32C (Castagnoli), rotated and offset so that a checksum of checksums stays sound, as TFRecord has it. */
function maskedChecksum(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) crc = (crc >>> 8) ^ castagnoli[(crc ^ byte) & 0xff]!
  crc = ~crc
  return ((crc >>> 15) | (crc << 17)) + 0xa282ead8
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  return crc
})
