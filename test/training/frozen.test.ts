import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  checkpointDirectory,
  type HostArray,
  readSafetensors,
  writeSafetensors,
} from '../../src/core/index.ts'
import type { Arena } from '../../src/engine/index.ts'
import { gradientsOf, scalar, topologicalOrder } from '../../src/graph/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { adamW, muon, type ParameterRule } from '../../src/optim/index.ts'
import { alone, dualEncoderContrast, splitBatch } from '../../src/training/index.ts'
import { Leaves } from '../../src/training/strategies/leaves.ts'
import { hashOf } from '../support/hash-of.ts'
import { type SyntheticOptions, smallClip, syntheticBatch, syntheticTrainer } from './synthetic-run.ts'

const newRun = () => mkdtempSync(join(tmpdir(), 'visuomotor-'))

const copyOf = async (arena: Arena) =>
  new Map([...(await arena.read())].map(([name, { data }]) => [name, data.slice()]))

const isVision = (name: string) => name.startsWith('vision_model.') || name.startsWith('visual_projection')
const lockedImage: ParameterRule[] = [
  { pattern: 'vision_model.*', freeze: true },
  { pattern: 'visual_projection.*', freeze: true },
]

/** A trainer whose image tower is frozen, for so many epochs of 4 steps, or for good. */
const frozenTrainer = (options: SyntheticOptions & { readonly epochs?: number }) => {
  const { epochs, ...others } = options
  const freeze = epochs === undefined ? true : { epochs }
  return syntheticTrainer({ ...others, rules: lockedImage.map((rule) => ({ ...rule, freeze })) })
}

const filesOf = (run: string, step: number) =>
  ['model', 'optimizer'].map((name) => hashOf(join(checkpointDirectory(run, step), `${name}.safetensors`)))

const namesIn = (file: string) => [...readSafetensors(file).tensors.keys()]

describe('a frozen tower', () => {
  it('has no gradients, moments or average, and checkpoints do not hold it', async () => {
    const run = newRun()
    const { trainer, state } = await frozenTrainer({ run, average: true, totalSteps: 5 })
    const before = await copyOf(state.values)
    await trainer.run()
    const arenas = [state.gradients, ...Object.values(state.moments), state.average!]
    for (const arena of arenas) expect(arena.entries.filter(({ name }) => isVision(name))).toEqual([])
    const checkpoint = checkpointDirectory(run, 5)
    expect(namesIn(join(checkpoint, 'model.safetensors')).some(isVision)).toBe(false)
    expect(namesIn(join(checkpoint, 'optimizer.safetensors')).some((name) => name.includes('vision'))).toBe(
      false,
    )
    const frozen = readSafetensors(join(run, 'frozen.safetensors')).tensors
    expect([...frozen.keys()].toSorted()).toEqual([...before.keys()].filter(isVision).toSorted())
    const after = await copyOf(state.values)
    for (const [name, value] of before) {
      if (isVision(name)) expect([frozen.get(name)!.data, after.get(name)], name).toEqual([value, value])
      else expect(after.get(name), name).not.toEqual(value)
    }
  })

  it('costs no backward pass: no gradient reads a value within it', () => {
    const model = smallClip()
    const parameters = namedParameters(model)
    const { arrays } = syntheticBatch(4, 0)
    const leaves = new Leaves(arrays, (x) => x)
    const objective = dualEncoderContrast(model)
    const features = objective.features(leaves)
    const { loss } = objective.loss(features, leaves)
    const forward = new Set(topologicalOrder([loss]))
    const within = new Set(topologicalOrder([features.image!]))
    within.delete(features.image!.node)
    const readsWithin = (trained: (name: string) => boolean) => {
      const wrt = [...parameters].flatMap(([name, { tensor }]) => (trained(name) ? [tensor] : []))
      const gradients = gradientsOf([{ y: loss, dy: scalar(1) }], wrt)
      const backward = topologicalOrder(gradients).filter((node) => !forward.has(node))
      return backward.filter((node) => node.inputs.some((value) => within.has(value.node))).length
    }
    expect(readsWithin(() => true)).toBeGreaterThan(20)
    expect(readsWithin((name) => !isVision(name))).toBe(0)
  })

  it.each([{ average: false }, { average: true }])(
    'is resumed bit for bit (average: $average)',
    async ({ average }) => {
      const [whole, parts] = [newRun(), newRun()]
      await (await frozenTrainer({ run: whole, average })).trainer.run()
      const stop = new AbortController()
      const callbacks = [{ onStep: (step: number) => (step === 7 ? stop.abort() : undefined) }]
      await (await frozenTrainer({ run: parts, average, callbacks, signal: stop.signal })).trainer.run()
      // Other values to begin with: what is frozen comes from the run.
      const second = await frozenTrainer({ run: parts, average, seed: 6 })
      expect(await second.trainer.resume()).toBe(7)
      await second.trainer.run()
      expect(filesOf(parts, 20)).toEqual(filesOf(whole, 20))
    },
  )

  it('of an earlier version, whose checkpoints hold it, is resumed as well', async () => {
    const [whole, older] = [newRun(), newRun()]
    await (await frozenTrainer({ run: whole, average: true })).trainer.run()
    await (await frozenTrainer({ run: older, average: true, totalSteps: 10 })).trainer.run()
    const checkpoint = checkpointDirectory(older, 10)
    const frozen = readSafetensors(join(older, 'frozen.safetensors')).tensors
    const rewrite = (file: string, further: Iterable<readonly [string, HostArray]>) =>
      writeSafetensors(file, [...readSafetensors(file).tensors, ...further])
    rewrite(join(checkpoint, 'model.safetensors'), frozen)
    rewrite(
      join(checkpoint, 'optimizer.safetensors'),
      [...frozen].flatMap(([name, value]): [string, HostArray][] => {
        const zeros = { ...value, data: new Float32Array(value.data.length) } as HostArray
        return [
          [`mean.${name}`, zeros],
          [`variance.${name}`, zeros],
          [`value.${name}`, value],
        ]
      }),
    )
    const stateFile = join(checkpoint, 'state.json')
    const { updates: _, ...progress } = JSON.parse(readFileSync(stateFile, 'utf8'))
    writeFileSync(stateFile, JSON.stringify(progress))
    rmSync(join(older, 'frozen.safetensors'))
    const { trainer } = await frozenTrainer({ run: older, average: true, seed: 6 })
    expect(await trainer.resume()).toBe(10)
    await trainer.run()
    // The schedule of the shorter run ended at step 10, so only what is frozen can be compared.
    expect(hashOf(join(older, 'frozen.safetensors'))).toBe(hashOf(join(whole, 'frozen.safetensors')))
    expect(namesIn(join(checkpointDirectory(older, 20), 'model.safetensors')).some(isVision)).toBe(false)
  })

  it('is refused in a checkpoint of a run in which it is trained', async () => {
    const run = newRun()
    await (await frozenTrainer({ run, totalSteps: 5 })).trainer.run()
    const { trainer } = await syntheticTrainer({ run })
    await expect(trainer.resume()).rejects.toMatchObject({
      code: 'checkpoint/mismatch',
      message: expect.stringContaining('other parameters are frozen than in this run'),
    })
  })

  it('may be both towers, in pieces: only the scale learns', async () => {
    const rules = [
      { pattern: '*', freeze: true },
      { pattern: 'logit_scale', freeze: false },
    ]
    const gradients = []
    for (const size of [undefined, 3]) {
      const { task, state } = await syntheticTrainer({ run: newRun(), rules })
      await task.computeGradients(splitBatch(syntheticBatch(8, 0), size), state, alone)
      gradients.push(await copyOf(state.gradients))
    }
    expect([...gradients[0]!.keys()]).toEqual(['logit_scale'])
    expect(gradients[1]!.get('logit_scale')![0]).toBeCloseTo(gradients[0]!.get('logit_scale')![0]!, 6)
  })
})

describe('a tower that thaws after some epochs', () => {
  it('moves from the step after them, as if its optimizer had just begun', async () => {
    const notes: string[] = []
    const learningRate = 1e-3
    const seen = new Map<number, Map<string, Float32Array>>()
    const { trainer, state } = await frozenTrainer({
      run: newRun(),
      epochs: 1.5,
      totalSteps: 8,
      optimizer: adamW({ learningRate, weightDecay: 0 }),
      schedule: { kind: 'constant', options: {}, factorAt: () => 1 },
      callbacks: [
        {
          onNote: (text) => void notes.push(text),
          onStep: (step) => {
            const names = state.values.entries.map(({ name }) => name).filter(isVision)
            seen.set(
              step,
              new Map(names.map((name) => [name, (state.values.view(name).data as Float32Array).slice()])),
            )
          },
        },
      ],
    })
    await trainer.run()
    expect(notes).toEqual([expect.stringMatching(/^trained from step 7 on: .*vision_model\.\* \(\d+\)/)])
    let moved = 0
    for (const [name, value] of seen.get(1)!) {
      expect(seen.get(6)!.get(name), name).toEqual(value)
      // The first step of Adam, with its bias corrected, is the rate in the direction of the gradient's sign.
      for (const [i, next] of seen.get(7)!.get(name)!.entries()) {
        const change = Math.abs(next - value[i]!)
        expect(change).toBeLessThan(1.01 * learningRate)
        if (change > 0.9 * learningRate) moved++
      }
    }
    const size = [...seen.get(1)!.values()].reduce((sum, { length }) => sum + length, 0)
    expect(moved / size).toBeGreaterThan(0.5)
    expect(state.updates.toSorted((a, b) => a - b).at(0)).toBe(2)
    expect(state.updates.toSorted((a, b) => a - b).at(-1)).toBe(8)
  })

  it.each([
    { stopped: 4, average: true, optimizer: adamW({ learningRate: 3e-3 }) },
    { stopped: 6, average: false, optimizer: adamW({ learningRate: 3e-3 }) },
    { stopped: 9, average: true, optimizer: muon({ learningRate: 3e-3 }) },
  ])('is resumed bit for bit from step $stopped, of a thaw at 7', async ({ stopped, average, optimizer }) => {
    const [whole, parts] = [newRun(), newRun()]
    const common = { average, optimizer, epochs: 1.5, totalSteps: 12 }
    await (await frozenTrainer({ run: whole, ...common })).trainer.run()
    const stop = new AbortController()
    const callbacks = [{ onStep: (step: number) => (step === stopped ? stop.abort() : undefined) }]
    await (await frozenTrainer({ run: parts, ...common, callbacks, signal: stop.signal })).trainer.run()
    const second = await frozenTrainer({ run: parts, ...common, seed: 6 })
    expect(await second.trainer.resume()).toBe(stopped)
    await second.trainer.run()
    expect(filesOf(parts, 12)).toEqual(filesOf(whole, 12))
    expect(namesIn(join(checkpointDirectory(parts, 12), 'model.safetensors')).some(isVision)).toBe(true)
  })
})
