import { isDualEncoder } from '../../../models/index.ts'
import { chunkNumbers } from '../../chunks/chunk-inputs.ts'
import type { SearchIndex } from '../search-index.ts'
import type { Serving } from '../serving.ts'
import { caption, classify, embed, search } from './dual-encoder-tasks.ts'
import { chunkFormKeys, formKeys } from './form-keys.ts'
import { act, actInChunks } from './policy-tasks.ts'
import { type Asked, json, type Reply, type Route } from './route.ts'

/** Tasks of a model beside KServe's protocol: a path under `/v1/` each. */
export function modelRoutes(serving: Serving, index: SearchIndex | undefined): readonly Route[] {
  const tasks = tasksOf(serving, index)
  const routes = Object.entries(tasks).map(
    ([path, { answer, ...task }]): Route => ({
      method: 'POST',
      path: `/v1/${path}`,
      task,
      answer: async (asked) => json(await answer(asked)),
    }),
  )
  return [
    { method: 'GET', path: '/v1/model', answer: () => described(serving, Object.keys(tasks)) },
    ...routes,
  ]
}

interface Task extends NonNullable<Route['task']> {
  readonly answer: (asked: Asked) => Promise<unknown>
}

/** Tasks by the names of their paths. */
function tasksOf(serving: Serving, index: SearchIndex | undefined): Readonly<Record<string, Task>> {
  const { policy, chunkPolicy, description, hasCaptions } = serving.model
  const task = (name: keyof typeof formKeys, answer: Task['answer']): Task => ({
    name,
    keys: formKeys[name],
    answer,
  })
  if (policy) return { act: task('act', (asked) => act(serving, policy, asked)) }
  if (chunkPolicy)
    return {
      act: {
        name: 'actInChunks',
        keys: chunkFormKeys(chunkPolicy),
        answer: (asked) => actInChunks(serving, chunkPolicy, asked),
      },
    }
  if (!isDualEncoder(description.model)) return {}
  return {
    embed: task('embed', (asked) => embed(serving, asked)),
    classify: task('classify', (asked) => classify(serving, asked)),
    ...(index && { search: task('search', (asked) => search(serving, index, asked)) }),
    ...(hasCaptions && { caption: task('caption', (asked) => caption(serving, asked)) }),
  }
}

function described({ model }: Serving, tasks: readonly string[]): Reply {
  const { description, policy, chunkPolicy, name } = model
  return json({
    name,
    type: description.model.config.model_type,
    imageSize: description.image.size,
    textLength: description.model.inputs.text.length,
    tasks,
    labels: policy?.labels ?? [],
    classNames: policy?.runtime.classNames ?? {},
    ...(chunkPolicy && {
      chunk: {
        cameras: chunkPolicy.cameras,
        state: chunkNumbers(chunkPolicy).state.map(({ name: each }) => each),
        actions: chunkNumbers(chunkPolicy).action.map(({ name: each }) => each),
        steps: chunkPolicy.chunk_size,
        readsCommands: chunkPolicy.text_config !== null,
      },
    }),
  })
}
