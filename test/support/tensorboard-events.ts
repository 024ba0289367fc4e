import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs'

/** The part of TensorFlow's event.proto and summary.proto that event files of a training run use. */
const schema = `
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    string file_version = 3;
    Summary summary = 5;
    SessionLog session_log = 7;
  }
  message Summary { repeated Value value = 1; }
  message Value { string tag = 1; float simple_value = 2; }
  message SessionLog { int32 status = 1; }
`
const Event = protobuf.parse(schema).root.lookupType('Event')

export interface TensorBoardEvent {
  readonly wallTime: number
  readonly step?: number
  readonly fileVersion?: string
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simpleValue: number }[] }
  /** 1: a run starts here. */
  readonly sessionLog?: { readonly status: number }
}

/** Every event of a file of TFRecords: length (uint64), its checksum, the message, its checksum. */
export function readTensorBoardEvents(file: string): TensorBoardEvent[] {
  const bytes = readFileSync(file)
  const events: TensorBoardEvent[] = []
  let offset = 0
  while (offset < bytes.length) {
    const begin = offset + 12
    const end = begin + Number(bytes.readBigUInt64LE(offset))
    const message = Event.decode(bytes.subarray(begin, end))
    events.push(Event.toObject(message, { longs: Number }) as TensorBoardEvent)
    offset = end + 4
  }
  return events
}
