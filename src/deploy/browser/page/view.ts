import type { OpenedModel } from '../open-bundle.ts'
import type { Notices } from './notices.ts'

/** A picture of the visitor's, or of the server's folder. */
export interface NamedPicture {
  readonly name: string
  readonly picture: Blob
}

/** The part of the page that one kind of model has to itself. */
export interface View {
  /** Take pictures in. Those that cannot be used are told. */
  add(pictures: readonly NamedPicture[]): Promise<void>
  /** Compute everything that is shown by another copy of the model, on another device. */
  use(model: OpenedModel): Promise<void>
}

/** Parts of the page that a view fills. */
export interface Stage {
  readonly root: HTMLElement
  readonly notices: Notices
}

/** The element inside of another that a selector finds; the page has made it. */
export const part = <E extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): E =>
  root.querySelector<E>(selector)!

/**
 * Function that carries out work for the newest value alone: while work goes on, values wait, and a newer one takes the place
 * of one that waits.
 */
export function newestOnly<Value>(work: (value: Value) => Promise<void>): (value: Value) => Promise<void> {
  let waiting: { readonly value: Value } | undefined
  let running: Promise<void> | undefined
  const runAll = async (): Promise<void> => {
    while (waiting) {
      const { value } = waiting
      waiting = undefined
      await work(value)
    }
  }
  return (value) => {
    waiting = { value }
    running ??= runAll().finally(() => {
      running = undefined
    })
    return running
  }
}

/** Let the browser draw what has changed, before more is computed. */
export const drawn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
