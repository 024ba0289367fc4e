import { afterEach, describe, expect, test } from 'vitest'
import { type Behaviour, mlflowAnswers, trackerServer } from '../../../test/support/tracker-server.ts'
import { Delivery, type DeliveryPace } from './delivery.ts'
import { trackerOf } from './tracker-of.ts'

/** A pace at which nothing takes long. */
const quick: DeliveryPace = {
  ...{ gather: 5, timeout: 20_000, pause: 5, longestPause: 20, patience: 20_000 },
  ...{ lastChance: 20_000, capacity: 1000, batch: 100 },
}
const run = {
  name: 'photos',
  parameters: { 'optimizer.learningRate': 0.001, augment: 'x'.repeat(6001), device: null },
  tags: { 'visuomotor.version': '1' },
}

const servers: { close(): void }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function serving(behaviour: Behaviour) {
  const server = await trackerServer(behaviour)
  servers.push(server)
  return server
}

function deliver(
  url: string,
  { known, kind = 'mlflow', ...pace }: Partial<DeliveryPace> & { known?: string; kind?: string } = {},
) {
  const notes: string[] = []
  const ids: string[] = []
  const delivery = new Delivery(trackerOf(`${kind}=${url}`, {}), {
    ...{
      run,
      known,
      onOpen: (id: string) => void ids.push(id),
      note: (text: string) => void notes.push(text),
    },
    pace: { ...quick, ...pace },
  })
  return { delivery, notes, ids }
}

const record = (step: number, scalars: Record<string, number> = { 'train/loss': 1 / step }) => ({
  ...{ step, time: 1000 + step, scalars },
})

const until = async (isTrue: () => boolean) => {
  for (let i = 0; i < 400 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(isTrue()).toBe(true)
}

describe('MLflow', () => {
  test('gets parameters, metrics and status, in names and numbers that it knows', async () => {
    const server = await serving(mlflowAnswers())
    const { delivery, notes, ids } = deliver(`${server.url}/?experiment=doors`)
    delivery.add(record(1))
    delivery.add(record(2, { 'validation/imageToText/R@1': 50, 'train/loss': Number.NaN }))
    await delivery.close('finished')
    expect(server.paths()).toEqual([
      'experiments/get-by-name?experiment_name=doors',
      'experiments/create',
      ...['runs/create', 'runs/log-batch', 'runs/log-batch', 'runs/log-batch', 'runs/update'],
    ])
    const bodies = server.seen.map(({ body }) => body)
    expect(bodies[2]).toMatchObject({
      experiment_id: '7',
      run_name: 'photos',
      start_time: expect.any(Number),
    })
    expect(bodies[3].params).toEqual([
      { key: 'optimizer.learningRate', value: '0.001' },
      { key: 'augment', value: 'x'.repeat(6000) },
      { key: 'device', value: 'null' },
    ])
    expect(bodies[4].tags).toEqual([{ key: 'visuomotor.version', value: '1' }])
    expect(bodies[5]).toEqual({
      run_id: 'c3b15d',
      metrics: [
        { key: 'train/loss', value: 1, timestamp: 1001, step: 1 },
        { key: 'validation/imageToText/R_at_1', value: 50, timestamp: 1002, step: 2 },
        { key: 'train/loss', value: 'NaN', timestamp: 1002, step: 2 },
      ],
    })
    expect(bodies[6]).toMatchObject({ run_id: 'c3b15d', status: 'FINISHED' })
    expect(ids).toEqual(['c3b15d'])
    expect(notes).toEqual([
      expect.stringMatching(/^MLflow at http.* takes 6000 characters .*: cut are augment$/),
    ])
  })

  test('goes on with a run that is known', async () => {
    const server = await serving(mlflowAnswers())
    const { delivery } = deliver(server.url, { known: 'a17' })
    delivery.add(record(1))
    await delivery.close('interrupted')
    expect(server.paths()).toEqual(['runs/update', 'runs/log-batch', 'runs/log-batch', 'runs/update'])
    expect(server.seen.map(({ body }) => body.run_id)).toEqual(['a17', 'a17', 'a17', 'a17'])
    expect(server.seen[0]?.body.status).toBe('RUNNING')
    expect(server.seen[3]?.body.status).toBe('KILLED')
  })

  test('makes one run, though it falls silent in the middle of that', async () => {
    const answers = mlflowAnswers()
    let failures = 2
    const server = await serving((seen) =>
      seen.path.endsWith('log-batch') && failures-- > 0 ? [503, {}] : answers(seen),
    )
    const { delivery } = deliver(server.url)
    delivery.add(record(1))
    await delivery.close('finished')
    expect(server.paths().filter((path) => path === 'runs/create')).toEqual(['runs/create'])
    expect(server.seen.flatMap(({ body }) => body?.metrics ?? [])).toHaveLength(1)
  })

  test('is sent at most 1000 metrics and 100 parameters at once', async () => {
    const server = await serving(mlflowAnswers())
    const parameters = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`p${i}`, i]))
    const tracker = trackerOf(`mlflow=${server.url}`, { MLFLOW_TRACKING_TOKEN: 'secret' })
    const options = { signal: AbortSignal.timeout(5000), note: () => {} }
    await tracker.open({ ...run, parameters }, undefined, options)
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`m${i}`, i]))
    await tracker.send('a', [record(1, many), record(2, many)], options)
    const counts = server.seen.flatMap(({ body = {} }) => [body.params?.length, body.metrics?.length])
    expect(counts.filter((count) => count !== undefined)).toEqual([100, 50, 1000, 200])
    expect(server.seen.every(({ headers }) => headers.authorization === 'Bearer secret')).toBe(true)
  })
})

describe('trackio', () => {
  test('gets records with ids, and the parameters with each', async () => {
    const server = await serving(({ path }) =>
      path === '/version' ? [200, { api_version: 1 }] : [200, { data: null }],
    )
    const { delivery, ids } = deliver(server.url, { kind: 'trackio' })
    delivery.add(record(4))
    await delivery.close('finished')
    const [id] = ids
    expect(server.seen.map(({ path }) => path)).toEqual(['/version', '/api/bulk_log'])
    const [log] = server.seen[1]!.body.kwargs.logs
    expect(log).toMatchObject({ project: 'visuomotor', run: 'photos', run_id: id, step: 4 })
    expect(log).toMatchObject({ metrics: { 'train/loss': 0.25 }, log_id: `${id}-4-train/loss` })
    expect(log.config['optimizer.learningRate']).toBe(0.001)
  })

  test('that refuses in an answer of status 200 is asked no more', async () => {
    const server = await serving(({ path }) =>
      path === '/version' ? [200, { api_version: 1 }] : [200, { error: 'A write_token is required' }],
    )
    const { delivery, notes } = deliver(server.url, { kind: 'trackio' })
    delivery.add(record(1))
    await until(() => notes.length > 0)
    delivery.add(record(2))
    await delivery.close('finished')
    expect(server.seen.length).toBe(2)
    expect(notes[0]).toMatch(/refuses this run .*write_token is required/)
    expect(notes[1]).toMatch(/2 of 2 records were not delivered/)
  })
})

describe('a tracker that does not answer', () => {
  test('is told once, and gets everything in order when it answers again', async () => {
    const server = await serving(() => [503, { error: 'starting' }])
    const { delivery, notes } = deliver(server.url)
    for (let step = 1; step <= 3; step++) delivery.add(record(step))
    await until(() => server.seen.length >= 3)
    server.state.behaviour = mlflowAnswers()
    delivery.add(record(4))
    await delivery.close('finished')
    const sent = server.seen.flatMap(({ body }) => body?.metrics ?? [])
    expect(sent.map(({ step }: { step: number }) => step)).toEqual([1, 2, 3, 4])
    expect(notes.filter((note) => note.startsWith('warning'))).toEqual([
      expect.stringMatching(
        /^warning: MLflow at http:.* does not answer \(HTTP 503\) and is asked again later/,
      ),
    ])
  })

  test.each([
    ['answers 500', (): readonly [number, unknown] => [500, {}], /HTTP 500/],
    ['hangs', (): 'silence' => 'silence', /no answer in time/],
  ])('and %s ends no later than patience allows, with what is lost counted', async (_, behaviour, reason) => {
    const server = await serving(behaviour)
    const { delivery, notes } = deliver(server.url, { timeout: 100, patience: 300 })
    const begin = performance.now()
    for (let step = 1; step <= 40; step++) delivery.add(record(step))
    expect(performance.now() - begin).toBeLessThan(100)
    await delivery.close('finished')
    expect(performance.now() - begin).toBeLessThan(5000)
    expect(notes).toEqual([
      expect.stringMatching(reason),
      expect.stringMatching(/40 of 40 records were not delivered .*; metrics\.jsonl has all$/),
    ])
  })

  test('and is not there at all: the same', async () => {
    const server = await serving(mlflowAnswers())
    server.close()
    const { delivery, notes } = deliver(server.url, { patience: 300 })
    delivery.add(record(1))
    await delivery.close('failed')
    expect(notes[0]).toMatch(/ECONNREFUSED/)
    expect(notes[1]).toMatch(/1 of 1 records/)
  })

  test.each([
    ['falls silent', (): 'silence' => 'silence'],
    ['breaks off in the middle of an answer', (): 'half' => 'half'],
  ])('once the run is open there, as it %s, is waited for no longer', async (_, behaviour) => {
    const answers = mlflowAnswers()
    let isOpen = false
    const server = await serving((seen) => {
      isOpen ||= seen.body?.metrics !== undefined
      return isOpen ? behaviour() : answers(seen)
    })
    const { delivery, notes } = deliver(server.url, { timeout: 6000, patience: 200 })
    delivery.add(record(1))
    await until(() => isOpen)
    const begin = performance.now()
    await delivery.close('finished')
    expect(performance.now() - begin).toBeLessThan(3000)
    expect(notes.at(-1)).toMatch(/1 of 1 records were not delivered \(no answer in time\)/)
  })

  test.each([
    ['before', true],
    ['at', false],
  ])('%s the end of a run has a last chance only, not all of the patience', async (_, isBefore) => {
    const server = await serving(() => [503, {}])
    const { delivery, notes } = deliver(server.url, { lastChance: 100 })
    delivery.add(record(1))
    if (isBefore) await until(() => server.seen.length >= 1)
    const begin = performance.now()
    await delivery.close('finished')
    expect(performance.now() - begin).toBeLessThan(5000)
    expect(notes.at(-1)).toMatch(/1 of 1 records were not delivered/)
  })

  test('loses the oldest records beyond the capacity, and no others', async () => {
    const server = await serving(() => [503, {}])
    const { delivery, notes } = deliver(server.url, { capacity: 5 })
    for (let step = 1; step <= 8; step++) delivery.add(record(step))
    await until(() => server.seen.length >= 1)
    server.state.behaviour = mlflowAnswers()
    await delivery.close('finished')
    const sent = server.seen.flatMap(({ body }) => body?.metrics ?? [])
    expect(sent.map(({ step }: { step: number }) => step)).toEqual([4, 5, 6, 7, 8])
    expect(notes.at(-1)).toMatch(/3 of 8 records were not delivered/)
  })
})

describe('a text that names no tracker', () => {
  test.each([
    ['mlfow=http://host:5000', /there is no tracker 'mlfow'; did you mean .?mlflow/],
    ['wandb', /no maintained way.*docs\/trackers\.md/],
    ['mlflow', /no URL: mlflow=http:\/\/HOST:PORT/],
    ['mlflow=file:///tmp/mlruns', /no URL/],
    ['mlflow=http://me:secret@host', /secrets belong to the environment/],
    ['trackio=http://host?write_token=secret', /secrets belong to the environment/],
    ['trackio=http://host?experiment=a', /'\?project=NAME' and nothing else/],
  ])('%s', (text, message) => {
    expect(() => trackerOf(text)).toThrow(
      expect.objectContaining({ code: 'training/tracker', message: expect.stringMatching(message) }),
    )
    expect(() => trackerOf(text)).not.toThrow(/me:secret|=secret/)
  })
})
