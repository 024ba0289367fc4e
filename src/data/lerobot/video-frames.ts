import type { EncodedImage } from '../sample.ts'

/** Frames that are decoded together and kept in one file. */
const pieceLength = 256

/**
 * References to the frames of an episode in a video, by time as LeRobot finds them: the time in the file is that of the
 * episode's beginning there and the frame's own `timestamp`. An episode is decoded in pieces.
 */
export async function* framesOfVideo(
  { file, from }: { readonly file: string; readonly from: number },
  timestamps: ArrayLike<number>,
  fps: number,
  range: { readonly from: number; readonly to: number },
): AsyncGenerator<EncodedImage> {
  for (let frame = range.from; frame < range.to; frame++) {
    const first = frame - (frame % pieceLength)
    const last = Math.min(first + pieceLength, timestamps.length) - 1
    yield {
      file,
      frame: {
        time: from + timestamps[frame]!,
        piece: { from: from + timestamps[first]!, to: from + timestamps[last]!, fps },
      },
    }
  }
}
