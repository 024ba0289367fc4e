import type { Batch } from '../../core/index.ts'
import { type Loader, type LoaderOptions, type LoaderPosition, loader } from '../../data/index.ts'
import { PeekedLoader } from './peeked-loader.ts'

/** Function that opens the training batches. */
export interface OpenLoader {
  /**
   * Open the batches from a position, by default from the beginning.
   * @param options `allowChangedData` as of a loader.
   */
  (position?: LoaderPosition, options?: Pick<LoaderOptions, 'allowChangedData'>): Loader
  /** The first batch, of the loader ahead; undefined where none is ahead. @throws Errors of the loader. */
  first(): Promise<Batch | undefined>
  /** Close the loader ahead when it will not be used. */
  close(): void
}

/**
 * Begin to load the first batches, if there is to be a first step: separate threads decode them while the model is
 * built. The first request for the beginning gets this loader; others get new ones.
 */
export function loadAhead(options: LoaderOptions, { begins }: { readonly begins: boolean }): OpenLoader {
  let ahead = begins ? new PeekedLoader(loader(options)) : undefined
  const take = (): PeekedLoader | undefined => {
    const taken = ahead
    ahead = undefined
    return taken
  }
  const first = async (): Promise<Batch | undefined> => ahead?.peek()
  const close = (): void => void take()?.close()
  const open: (...from: Parameters<OpenLoader>) => Loader = (position, changes = {}) => {
    if (position === undefined) return take() ?? loader(options)
    close()
    return loader({ ...options, ...changes, position })
  }
  return Object.assign(open, { first, close })
}
