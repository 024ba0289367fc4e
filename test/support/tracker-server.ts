import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that a server has seen. */
export interface Seen {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  readonly body: any
}

/** What a server does with a request: answers by a status and content, or by half of one, or leaves it open. */
export type Behaviour = (seen: Seen) => readonly [status: number, content: unknown] | 'half' | 'silence'

/** A server in this process, whose behaviour may change. */
export async function trackerServer(behaviour: Behaviour) {
  const seen: Seen[] = []
  const state = { behaviour }
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const one: Seen = {
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
    seen.push(one)
    const answer = state.behaviour(one)
    if (answer === 'silence') return
    if (answer === 'half') return void response.writeHead(200, { 'content-length': 100 }).write('{')
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    state,
    paths: () => seen.map(({ path }) => path.replace(/^.*\/mlflow\//, '')),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Answers as those of MLflow 3.17, without what nobody reads. */
export function mlflowAnswers(): Behaviour {
  let hasExperiment = false
  return ({ path }) => {
    const name = path.replace(/^\/api\/2\.0\/mlflow\//, '').replace(/\?.*/, '')
    if (name === 'experiments/get-by-name' && !hasExperiment)
      return [
        404,
        { error_code: 'RESOURCE_DOES_NOT_EXIST', message: "Could not find experiment with name 'x'" },
      ]
    if (name === 'experiments/get-by-name')
      return [200, { experiment: { experiment_id: '7', lifecycle_stage: 'active' } }]
    if (name === 'experiments/create') {
      hasExperiment = true
      return [200, { experiment_id: '7' }]
    }
    if (name === 'runs/create') return [200, { run: { info: { run_id: 'c3b15d', status: 'RUNNING' } } }]
    if (name === 'runs/log-batch') return [200, {}]
    if (name === 'runs/update') return [200, { run_info: { run_id: 'c3b15d' } }]
    return [404, { error_code: 'ENDPOINT_NOT_FOUND', message: `no ${name}` }]
  }
}
