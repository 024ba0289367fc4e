import { optionalPackage } from '../../core/index.ts'
import type { BagMessage } from './bag.ts'
import { messageError } from './mcap-error.ts'

/** A message's fields by name. */
export type Fields = Readonly<Record<string, unknown>>
type Decode = (data: Uint8Array) => unknown

/** Decoder of messages: ROS 2's CDR by the definitions that stand in the file, and JSON. */
export class MessageDecoder {
  readonly #decoders = new Map<string, Decode>()

  /**
   * Fields of a message.
   * @throws DataError `data/mcap-message` for an encoding that is not read, or data that its schema does not describe.
   */
  async decode(message: BagMessage): Promise<Fields> {
    const key = `${message.file}\n${message.channel.id}`
    const decoder = this.#decoders.get(key) ?? (await decoderOf(message))
    this.#decoders.set(key, decoder)
    try {
      const fields = decoder(message.data)
      if (typeof fields !== 'object' || fields === null) throw new Error('it is no object')
      return fields as Fields
    } catch (cause) {
      const problem = `the message is not as its schema "${message.schema?.name}" says: ${(cause as Error).message}`
      throw messageError(message, problem, cause)
    }
  }
}

async function decoderOf(message: BagMessage): Promise<Decode> {
  const { channel, schema } = message
  if (channel.messageEncoding === 'json') return (data) => JSON.parse(Buffer.from(data).toString('utf8'))
  const encoding = `messages "${channel.messageEncoding}" with ${schema ? `a schema "${schema.encoding}"` : 'no schema'}`
  if (channel.messageEncoding !== 'cdr' || schema?.encoding !== 'ros2msg')
    throw messageError(
      message,
      `it has ${encoding}; those that are read are "cdr" with "ros2msg", and "json"`,
    )
  const [{ parse }, { MessageReader }] = await optionalPackage(
    '@foxglove/rosmsg @foxglove/rosmsg2-serialization',
    'reading messages of ROS 2',
    () => Promise.all([import('@foxglove/rosmsg'), import('@foxglove/rosmsg2-serialization')]),
  )
  try {
    const reader = new MessageReader(parse(Buffer.from(schema.data).toString('utf8'), { ros2: true }))
    return (data) => reader.readMessage(data)
  } catch (cause) {
    const problem = `its schema "${schema.name}" cannot be read: ${(cause as Error).message}`
    throw messageError(message, problem, cause)
  }
}
