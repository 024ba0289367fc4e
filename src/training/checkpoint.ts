import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  CheckpointError,
  checkpointDirectory,
  checkpointFiles,
  checkpointSteps,
  type HostArray,
  hostArray,
  latestCheckpoint,
  nameGroups,
  type Progress,
  readProgress,
  readSafetensors,
  runFiles,
  sameShape,
  sizeOf,
  writeDirectoryAtomic,
  writeFileAtomic,
  writeSafetensors,
} from '../core/index.ts'
import type { Arena, ArenaEntry } from '../engine/index.ts'
import { frozenNames, isTrained, type ModelState, thaw } from './model-state.ts'
import type { TaskMemory } from './task.ts'

const { model: modelFile, optimizer: optimizerFile, state: stateFile } = checkpointFiles

/**
 * Write `checkpoints/<step>/` of a run: whole or not at all. It holds the parameters that are trained; those frozen since
 * the begin of the run are in its `frozen.safetensors`.
 *
 * `model.safetensors` holds the values to use, under Hugging Face's names: the moving average where the run
 * keeps one. `optimizer.safetensors` holds the rest: `mean.<name>`, `variance.<name>`, …, and the raw
 * `value.<name>` beside an average.
 */
export async function writeCheckpoint(
  run: string,
  state: ModelState,
  progress: Omit<Progress, 'updates'>,
): Promise<string> {
  const last = latestCheckpoint(run)
  const directory = checkpointDirectory(run, progress.step)
  const model = await trainedOf(state, state.average ?? state.values)
  const rest: [string, HostArray][] = []
  for (const [prefix, arena] of beside(state)) {
    for (const [name, value] of await trainedOf(state, arena)) rest.push([`${prefix}.${name}`, value])
  }
  const updates = state.updates.map((count, group) => (isTrained(state, group) ? count : null))
  const content = { ...progress, updates }
  await writeDirectoryAtomic(
    directory,
    (temporary) => {
      writeSafetensors(join(temporary, modelFile), model, { format: 'pt' })
      writeSafetensors(join(temporary, optimizerFile), rest)
      writeFileAtomic(join(temporary, stateFile), `${JSON.stringify(content, undefined, 2)}\n`)
    },
    last && `The last good checkpoint is ${last}: go on from it with --resume`,
  )
  return directory
}

/**
 * Write `frozen.safetensors` of a run: the values of what is frozen now, once for all checkpoints; whole or not at all.
 * Nothing where all is trained, or where a run that goes on has the file already.
 */
export async function keepFrozen(run: string, state: ModelState, isNew: boolean): Promise<void> {
  const names = new Set(frozenNames(state))
  if (names.size === 0 || (!isNew && existsSync(join(run, runFiles.frozen)))) return
  const values = [...(await state.values.read())].filter(([name]) => names.has(name))
  writeSafetensors(join(run, runFiles.frozen), values, { format: 'pt' })
}

/**
 * Write `zeros.safetensors` of a run: which numbers stay zero, once for all checkpoints, one bit a number of each matrix that
 * has any. Nothing where no zeros are kept, or where a run that goes on has the file already.
 */
export async function keepMask(run: string, { mask }: ModelState, isNew: boolean): Promise<void> {
  if (!mask || (!isNew && existsSync(join(run, runFiles.zeros)))) return
  const packed = [...(await mask.read())].flatMap(([name, { data }]): [string, HostArray][] => {
    if (!data.includes(0)) return []
    const bits = new Uint8Array(Math.ceil(data.length / 8))
    for (let i = 0; i < data.length; i++) if (data[i] === 0) bits[i >> 3]! |= 1 << (i & 7)
    return [[name, { dtype: 'uint8', shape: [bits.length], data: bits }]]
  })
  writeSafetensors(join(run, runFiles.zeros), packed)
}

/** Put the mask of a run back. @throws CheckpointError `checkpoint/mismatch` for the mask of another model. */
async function fillMask(run: string, { mask, parameters }: ModelState): Promise<void> {
  if (!mask) return
  const file = join(run, runFiles.zeros)
  const { tensors } = readSafetensors(file)
  requireAllUsed(tensors, [...parameters.keys()], file)
  const read = [...tensors].map(([name, { data }]) => {
    const { shape } = parameters.get(name)!
    const bits = data as Uint8Array
    const values = Float32Array.from(
      { length: sizeOf(shape) },
      (_, i) => 1 - ((bits[i >> 3]! >> (i & 7)) & 1),
    )
    return [name, hostArray('float32', shape, values)] as const
  })
  await mask.write(new Map(read))
}

/**
 * Put a checkpoint back into a fresh state of the same parameters. What the run had thawed by then is trained again.
 * @param run Directory of the run, for its frozen parameters.
 * @param memory Schema of the task's memory; default: it is not checked.
 * @returns Progress to resume from.
 * @throws CheckpointError `checkpoint/mismatch` for another model or other frozen parameters, `checkpoint/state` for a
 * damaged or foreign state.json.
 */
export async function readCheckpoint(
  run: string,
  directory: string,
  state: ModelState,
  memory?: Pick<TaskMemory, 'schema'>,
): Promise<Progress> {
  const progress = readProgress(join(directory, stateFile), memory?.schema)
  await restoreUpdates(state, progress, join(directory, stateFile))
  const model = readSafetensors(join(directory, modelFile)).tensors
  const rest = readSafetensors(join(directory, optimizerFile)).tensors
  // Checkpoints of earlier versions hold what is frozen, too, with moments that are zero.
  const isOlder = progress.updates === undefined
  const names = isOlder ? [...state.parameters.keys()] : state.gradients.entries.map(({ name }) => name)
  requireAllUsed(model, names, join(directory, modelFile))
  const further = beside(state).flatMap(([prefix]) => names.map((name) => `${prefix}.${name}`))
  requireAllUsed(rest, further, join(directory, optimizerFile))
  await fill(state.average ?? state.values, state.gradients.entries, model, join(directory, modelFile))
  for (const [prefix, arena] of beside(state)) {
    const named = [...rest].filter(([name]) => name.startsWith(`${prefix}.`))
    const own = new Map(named.map(([name, value]) => [name.slice(prefix.length + 1), value]))
    await fill(arena, state.gradients.entries, own, `${join(directory, optimizerFile)} (${prefix})`)
  }
  await fillMask(run, state)
  await fillFrozen(run, state, isOlder ? { file: join(directory, modelFile), values: model } : undefined)
  return progress
}

/** Thaw what was trained at a checkpoint, and count the updates from there. */
async function restoreUpdates(state: ModelState, progress: Progress, file: string): Promise<void> {
  const done = progress.step - (progress.lossScale?.skippedSteps ?? 0)
  const updates = progress.updates ?? state.groups.map((_, group) => (isTrained(state, group) ? done : null))
  const isOf = ({ frozenEpochs }: ModelState['groups'][number], group: number) =>
    updates[group] === null ? frozenEpochs > 0 : frozenEpochs < Number.POSITIVE_INFINITY
  if (updates.length !== state.groups.length || !state.groups.every(isOf)) {
    const message = `${file}: other parameters are frozen than in this run; resume with the recipe that wrote it`
    throw new CheckpointError('checkpoint/mismatch', message, { file, updates: progress.updates })
  }
  for (const [group, count] of updates.entries()) {
    if (count === null) continue
    await thaw(state, group)
    state.updates[group] = count
  }
}

/** Fill in what is frozen: from the run's own file, or from a checkpoint that holds it. */
async function fillFrozen(
  run: string,
  state: ModelState,
  older: { readonly file: string; readonly values: ReadonlyMap<string, HostArray> } | undefined,
): Promise<void> {
  const names = new Set(frozenNames(state))
  if (names.size === 0) return
  const entries = state.values.entries.filter(({ name }) => names.has(name))
  if (older) return fill(state.values, entries, older.values, older.file)
  const file = join(run, runFiles.frozen)
  const { tensors } = readSafetensors(file, (name) => names.has(name))
  await fill(state.values, entries, tensors, file)
}

/** Parameters of an arena that are trained now. */
async function trainedOf(state: ModelState, arena: Arena): Promise<Map<string, HostArray>> {
  const names = new Set(state.gradients.entries.map(({ name }) => name))
  return new Map([...(await arena.read())].filter(([name]) => names.has(name)))
}

/** The arenas of optimizer.safetensors with their prefixes. */
function beside(state: ModelState): [string, Arena][] {
  const moments = Object.entries(state.moments)
  return state.average ? [...moments, ['value', state.values]] : moments
}

/** Refuse tensors that no arena takes. */
function requireAllUsed(
  values: ReadonlyMap<string, HostArray>,
  names: readonly string[],
  file: string,
): void {
  const known = new Set(names)
  const foreign = [...values.keys()].filter((name) => !known.has(name))
  if (foreign.length === 0) return
  throw new CheckpointError(
    'checkpoint/mismatch',
    `${file}: the run has no place for ${nameGroups(foreign, known).join(', ')}; resume with the recipe that wrote it`,
    { file, names: foreign },
  )
}

async function fill(
  arena: Arena,
  entries: readonly ArenaEntry[],
  values: ReadonlyMap<string, HostArray>,
  file: string,
): Promise<void> {
  for (const { name, shape } of entries) {
    const value = values.get(name)
    if (value && sameShape(value.shape, shape)) continue
    const found = value ? `has shape [${value.shape}]` : 'is missing'
    throw new CheckpointError(
      'checkpoint/mismatch',
      `${file}: '${name}' ${found}, the model needs [${shape}]; resume with the recipe that wrote it`,
      { file, name, shape },
    )
  }
  await arena.write(new Map(entries.map(({ name }) => [name, values.get(name)!])))
}

/** Remove all checkpoints but the newest `keep` and those of the steps in `always`. */
export function pruneCheckpoints(run: string, keep: number, always: readonly number[]): void {
  const old = checkpointSteps(run).slice(0, -keep)
  for (const step of old) {
    if (!always.includes(step)) rmSync(checkpointDirectory(run, step), { recursive: true })
  }
}
