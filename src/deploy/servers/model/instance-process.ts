// A process that holds one instance of a model: it decodes images and computes, and whatever crashes there takes no server down.

import type { RuntimeOptions } from '../../load-graphs.ts'
import { type CarriedError, carried } from './carried-error.ts'
import type { Batch, GraphDescription } from './lanes.ts'
import { type LoadedModel, loadModel } from './load-model.ts'
import { familiesOf } from './own-families.ts'

/** Options of an instance; `extensions` are modules with families of the user's. */
export interface InstanceOptions extends Omit<RuntimeOptions, 'families'> {
  readonly extensions?: readonly string[] | undefined
}

/** Messages to the process. */
export type ToInstance =
  | { readonly type: 'load'; readonly directory: string; readonly options: InstanceOptions }
  | { readonly type: 'run'; readonly id: number; readonly batch: Batch }

/** Outcome of an item between processes. */
export type CarriedOutcome = { readonly answer: unknown } | { readonly error: CarriedError }

/** Messages of the process. */
export type FromInstance =
  | { readonly type: 'loaded'; readonly graphs: readonly GraphDescription[] }
  | { readonly type: 'failed'; readonly error: CarriedError }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'done'; readonly id: number; readonly outcomes: readonly CarriedOutcome[] }

const send = (message: FromInstance): void => void process.send?.(message)

let model: LoadedModel | undefined

async function load(directory: string, { extensions, ...options }: InstanceOptions): Promise<void> {
  try {
    const families = await familiesOf(extensions)
    model = await loadModel(directory, {
      ...options,
      families,
      onNote: (text) => send({ type: 'note', text }),
    })
    send({ type: 'loaded', graphs: model.graphs })
  } catch (error) {
    send({ type: 'failed', error: carried(error) })
  }
}

async function run(id: number, batch: Batch): Promise<void> {
  const outcomes = await model!.run(batch)
  const sent = outcomes.map((outcome) => ('error' in outcome ? { error: carried(outcome.error) } : outcome))
  send({ type: 'done', id, outcomes: sent })
}

process.on('message', (message: ToInstance) => {
  if (message.type === 'load') void load(message.directory, message.options)
  else void run(message.id, message.batch)
})
// An interruption from the keyboard reaches the whole group; the server finishes its work first, and then ends this.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(0))
