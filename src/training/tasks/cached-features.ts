import { type HostArray, hostArray } from '../../core/index.ts'
import { type DeviceTensor, toHost } from '../../engine/index.ts'
import type { Communicator } from '../communicator.ts'

/** The features of one effective batch, all micro-batches together. */
export interface Features {
  readonly image: HostArray<'float32'>
  readonly text: HostArray<'float32'>
  readonly pairs: PairArrays
}

/** What says which images and texts of a batch belong together: one number a sample each. */
export type PairArrays = Readonly<Record<'concepts', HostArray>> & Readonly<Record<string, HostArray>>

/** `concepts`, and what mixing adds. */
const pairNames = ['concepts', 'partnerConcepts', 'imageShares', 'textShares']

/** Those arrays of a batch that say what belongs together. */
export const pairArrays = (arrays: Readonly<Record<string, HostArray>>): PairArrays =>
  Object.fromEntries(
    pairNames.flatMap((name) => (arrays[name] ? [[name, arrays[name]]] : [])),
  ) as unknown as PairArrays

type Piece = Readonly<Record<'pixelValues' | 'inputIds' | 'concepts', HostArray>>

/** Encode the pieces one after the other; their features in the order of the pieces. */
export async function encodePieces(
  pieces: readonly Piece[],
  encode: (piece: Piece) => Promise<Readonly<Record<string, DeviceTensor>>>,
): Promise<Features> {
  const images: Float32Array[] = []
  const texts: Float32Array[] = []
  for (const piece of pieces) {
    const { image, text } = await encode(piece)
    images.push(await toHost(image!, 'float32'))
    texts.push(await toHost(text!, 'float32'))
  }
  const described = pieces.map(pairArrays)
  const pairs = Object.keys(described[0]!).map((name) => {
    const parts = described.map((arrays) => arrays[name]!)
    const data = concatenate(parts.map((part) => part.data as Float32Array | BigInt64Array))
    return [name, hostArray(parts[0]!.dtype, [data.length], data)] as const
  })
  return features(concatenate(images), concatenate(texts), Object.fromEntries(pairs))
}

/** The features of all members, those of rank 0 first. */
export async function gatherFeatures(own: Features, communicator: Communicator): Promise<Features> {
  const pairs: Record<string, HostArray> = {}
  for (const [name, { dtype, data }] of Object.entries(own.pairs)) {
    const all = await communicator.gather(data as Float32Array | BigInt64Array)
    pairs[name] = hostArray(dtype, [all.length], all)
  }
  return features(await communicator.gather(own.image.data), await communicator.gather(own.text.data), pairs)
}

/** Each piece with its rows of the features' gradients, which begin at row `first`. */
export function* piecesOf<P extends Piece>(
  pieces: readonly P[],
  { dImage, dText }: { dImage: DeviceTensor; dText: DeviceTensor },
  first: number,
): Iterable<P & Record<'dImage' | 'dText', HostArray>> {
  let row = first
  for (const piece of pieces) {
    const count = piece.pixelValues.shape[0]!
    const rows = (tensor: DeviceTensor) => {
      const width = tensor.dims[1]!
      const data = (tensor.data as Float32Array).subarray(row * width, (row + count) * width)
      return hostArray('float32', [count, width], data)
    }
    yield { ...piece, dImage: rows(dImage), dText: rows(dText) }
    row += count
  }
}

function features(
  image: Float32Array,
  text: Float32Array,
  pairs: Readonly<Record<string, HostArray>>,
): Features {
  const { concepts } = pairs
  const rows = concepts!.shape[0]!
  return {
    image: hostArray('float32', [rows, image.length / rows], image),
    text: hostArray('float32', [rows, text.length / rows], text),
    pairs: { ...pairs, concepts: concepts! },
  }
}

function concatenate<Values extends Float32Array | BigInt64Array>(parts: readonly Values[]): Values {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const Type = parts[0]!.constructor as new (length: number) => Values
  const result = new Type(length)
  let offset = 0
  for (const part of parts) {
    result.set(part as never, offset)
    offset += part.length
  }
  return result
}
