import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { resume, train } from '../../src/index.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'
import { mlflowAnswers, trackerServer } from '../support/tracker-server.ts'

const server = await trackerServer(mlflowAnswers())
afterAll(() => server.close())

test('a run that is stopped and goes on is one run of its tracker, with the results of its tests', async () => {
  const { home, file } = await shapesRecipe()
  const { default: recipe } = await import(file)
  const short = { ...recipe(), validation: {}, epochs: 4, log: { everySteps: 2 } }
  const run = join(home, 'run')
  const stop = new AbortController()
  const stopper = { onStep: (step: number) => void (step === 4 && stop.abort()) }
  const track = [`mlflow=${server.url}`]
  await train(short, { out: run, track, signal: stop.signal, callbacks: [stopper] })
  const kept = JSON.parse(readFileSync(join(run, 'trackers.json'), 'utf8'))
  expect(kept).toEqual([{ track: track[0], run: 'c3b15d' }])
  await resume(run, { callbacks: [] })

  const bodies = server.seen.map(({ body = {} }) => body)
  expect(server.paths().filter((path) => path === 'runs/create')).toHaveLength(1)
  expect(bodies.flatMap(({ status = [] }) => status)).toEqual(['KILLED', 'RUNNING', 'FINISHED'])
  const parameters = bodies.flatMap(({ params = [] }) => params)
  expect(parameters).toContainEqual({ key: 'optimizer.learningRate', value: '0.003' })
  expect(parameters).toContainEqual({
    key: 'augment',
    value: expect.stringMatching(/^\[\{"kind":"randomResizedCrop","size":16/),
  })
  const stepsOf = (key: string) =>
    bodies.flatMap(({ metrics = [] }) =>
      metrics.flatMap((metric: { key: string; step: number }) => (metric.key === key ? metric.step : [])),
    )
  expect(stepsOf('train/loss')).toEqual([2, 4, 6, 8])
  expect(stepsOf('test/shapes/imageToText/R_at_1')).toEqual([8])
})

test('a recipe names trackers, and a wrong one is refused with its place', async () => {
  const { file } = await shapesRecipe()
  const { default: recipe } = await import(file)
  const wrong = { ...recipe(), log: { everySteps: 5, track: ['mlfow=http://host'] } }
  await expect(train(wrong)).rejects.toThrow(/log\.track.*there is no tracker 'mlfow'/s)
})
