import { CdrWriter } from './cdr-writer.ts'

const header = `================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
`

const layout = `================================================================================
MSG: std_msgs/MultiArrayLayout
std_msgs/MultiArrayDimension[] dim
uint32 data_offset
================================================================================
MSG: std_msgs/MultiArrayDimension
string label
uint32 size
uint32 stride
`

/** Definitions of the messages of ROS 2 that are written, as `ros2msg` schemas hold them. */
export const rosDefinitions = {
  'sensor_msgs/msg/CompressedImage': `std_msgs/Header header\nstring format\nuint8[] data\n${header}`,
  'sensor_msgs/msg/JointState': `std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n${header}`,
  'std_msgs/msg/Float64MultiArray': `std_msgs/MultiArrayLayout layout\nfloat64[] data\n${layout}`,
  'std_msgs/msg/String': 'string data\n',
} as const

export type RosType = keyof typeof rosDefinitions

const withHeader = (time: bigint, frame: string): CdrWriter =>
  new CdrWriter()
    .int32(Number(time / 1_000_000_000n))
    .uint32(Number(time % 1_000_000_000n))
    .text(frame)

/** A picture. @param format `png`, `jpeg` or `webp`. @param frame Name of the camera. */
export const compressedImage = (time: bigint, frame: string, format: string, bytes: Uint8Array): Uint8Array =>
  withHeader(time, frame).text(format).bytes(bytes).finish()

/** Positions of joints. */
export function jointState(time: bigint, names: readonly string[], positions: readonly number[]): Uint8Array {
  const writer = withHeader(time, '').uint32(names.length)
  for (const name of names) writer.text(name)
  return writer.float64s(positions).float64s([]).float64s([]).finish()
}

/** Numbers without names. */
export const float64MultiArray = (label: string, numbers: readonly number[]): Uint8Array =>
  new CdrWriter()
    .uint32(1)
    .text(label)
    .uint32(numbers.length)
    .uint32(numbers.length)
    .uint32(0)
    .float64s(numbers)
    .finish()

/** A text. */
export const stringMessage = (text: string): Uint8Array => new CdrWriter().text(text).finish()
