import type { DataError } from '../../core/index.ts'
import { badSample } from '../sources/bad-sample.ts'
import type { Episode } from './episode.ts'

/** The error for a frame: it names file, episode, frame and key. */
export const frameError = (
  { data: { file }, index }: Pick<Episode, 'data' | 'index'>,
  frame: number,
  key: string,
  problem: string,
): DataError =>
  badSample('data/lerobot-frame', `${file}, episode ${index}, frame ${frame}, "${key}"`, problem, {
    file,
    episode: index,
    frame,
    key,
  })
