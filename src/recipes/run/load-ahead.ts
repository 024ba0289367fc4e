import { type Loader, type LoaderOptions, type LoaderPosition, loader } from '../../data/index.ts'

/** Opens the training batches. */
export interface OpenLoader {
  /** From a position on, by default from the beginning. */
  (position?: LoaderPosition): Loader
  /** When it turns out that nobody will open them. */
  close(): void
}

/**
 * Begin to load the first batches, if there is to be a first step: threads of their own decode them while the model is
 * built. This loader is given to the first who asks for the beginning; others get new ones.
 */
export function loadAhead(options: LoaderOptions, { begins }: { readonly begins: boolean }): OpenLoader {
  let ahead = begins ? loader(options) : undefined
  const take = (): Loader | undefined => {
    const taken = ahead
    ahead = undefined
    return taken
  }
  const close = (): void => void take()?.close()
  const open = (position?: LoaderPosition): Loader => {
    if (position === undefined) return take() ?? loader(options)
    close()
    return loader({ ...options, position })
  }
  return Object.assign(open, { close })
}
