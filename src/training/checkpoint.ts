import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  CheckpointError,
  checkpointDirectory,
  checkpointFiles,
  checkpointSteps,
  type HostArray,
  latestCheckpoint,
  nameGroups,
  type Progress,
  readProgress,
  readSafetensors,
  sameShape,
  writeDirectoryAtomic,
  writeFileAtomic,
  writeSafetensors,
} from '../core/index.ts'
import type { Arena } from '../engine/index.ts'
import type { ModelState } from './model-state.ts'
import type { TaskMemory } from './task.ts'

const { model: modelFile, optimizer: optimizerFile, state: stateFile } = checkpointFiles

/**
 * Write `checkpoints/<step>/` of a run: whole or not at all.
 *
 * `model.safetensors` holds the values to use, under Hugging Face's names: the moving average where the run
 * keeps one. `optimizer.safetensors` holds the rest: `mean.<name>`, `variance.<name>`, …, and the raw
 * `value.<name>` beside an average.
 */
export async function writeCheckpoint(run: string, state: ModelState, progress: Progress): Promise<string> {
  const last = latestCheckpoint(run)
  const directory = checkpointDirectory(run, progress.step)
  const model = await (state.average ?? state.values).read()
  const rest: [string, HostArray][] = []
  for (const [prefix, arena] of beside(state)) {
    for (const [name, value] of await arena.read()) rest.push([`${prefix}.${name}`, value])
  }
  await writeDirectoryAtomic(
    directory,
    (temporary) => {
      writeSafetensors(join(temporary, modelFile), model, { format: 'pt' })
      writeSafetensors(join(temporary, optimizerFile), rest)
      writeFileAtomic(join(temporary, stateFile), `${JSON.stringify(progress, undefined, 2)}\n`)
    },
    last && `The last good checkpoint is ${last}: go on from it with --resume`,
  )
  return directory
}

/**
 * Put a checkpoint back into a state of the same parameters.
 * @param memory Schema of the task's memory; default: it is not checked.
 * @returns Progress to resume from.
 * @throws CheckpointError `checkpoint/mismatch` for another model, `checkpoint/state` for a damaged or foreign
 * state.json.
 */
export async function readCheckpoint(
  directory: string,
  state: ModelState,
  memory?: Pick<TaskMemory, 'schema'>,
): Promise<Progress> {
  const model = readSafetensors(join(directory, modelFile)).tensors
  const rest = readSafetensors(join(directory, optimizerFile)).tensors
  requireAllUsed(model, [['', state.average ?? state.values]], join(directory, modelFile))
  requireAllUsed(rest, beside(state), join(directory, optimizerFile))
  await fill(state.average ?? state.values, model, directory, modelFile)
  for (const [prefix, arena] of beside(state)) {
    const named = [...rest].filter(([name]) => name.startsWith(`${prefix}.`))
    await fill(
      arena,
      new Map(named.map(([name, value]) => [name.slice(prefix.length + 1), value])),
      directory,
      `${optimizerFile} (${prefix})`,
    )
  }
  return readProgress(join(directory, stateFile), memory?.schema)
}

/** The arenas of optimizer.safetensors with their prefixes. */
function beside(state: ModelState): [string, Arena][] {
  const moments = Object.entries(state.moments)
  return state.average ? [...moments, ['value', state.values]] : moments
}

/** Refuse tensors that no arena takes. */
function requireAllUsed(
  values: ReadonlyMap<string, HostArray>,
  arenas: readonly (readonly [prefix: string, arena: Arena])[],
  file: string,
): void {
  const known = new Set(
    arenas.flatMap(([prefix, { layout }]) =>
      layout.flatMap(({ entries }) =>
        entries.map(({ name }) => (prefix === '' ? name : `${prefix}.${name}`)),
      ),
    ),
  )
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
  values: ReadonlyMap<string, HostArray>,
  directory: string,
  file: string,
): Promise<void> {
  for (const { entries } of arena.layout) {
    for (const { name, shape } of entries) {
      const value = values.get(name)
      if (value && sameShape(value.shape, shape)) continue
      const found = value ? `has shape [${value.shape}]` : 'is missing'
      throw new CheckpointError(
        'checkpoint/mismatch',
        `${join(directory, file)}: '${name}' ${found}, the model needs [${shape}]; resume with the recipe that wrote it`,
        { directory, file, name, shape },
      )
    }
  }
  await arena.write(values)
}

/** Remove all checkpoints but the newest `keep` and those of the steps in `always`. */
export function pruneCheckpoints(run: string, keep: number, always: readonly number[]): void {
  const old = checkpointSteps(run).slice(0, -keep)
  for (const step of old) {
    if (!always.includes(step)) rmSync(checkpointDirectory(run, step), { recursive: true })
  }
}
