import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type HostArray, readSafetensors } from '../../src/core/index.ts'
import { type ClipConfig, clipConfig } from '../../src/models/index.ts'
import { caseFiles, type TrainingPlan } from '../case-files.ts'

/** A case as JavaScript's peers need it: no int64, and the places of the end tokens found beforehand. */
export interface PeerCase {
  readonly config: ClipConfig
  readonly plan: TrainingPlan
  readonly batch: number
  readonly weights: Map<string, HostArray>
  readonly inputs: {
    readonly pixelValues: HostArray<'float32'>
    readonly inputIds: HostArray<'int32'>
    readonly ends: HostArray<'float32'>
  }
}

export function readPeerCase(directory: string): PeerCase {
  const json = (file: string): unknown => JSON.parse(readFileSync(join(directory, file), 'utf8'))
  const config = clipConfig.parse(json(caseFiles.config))
  const arrays = readSafetensors(join(directory, caseFiles.batch)).tensors
  const ids = arrays.get('inputIds') as HostArray<'int64'>
  const inputIds: HostArray<'int32'> = {
    dtype: 'int32',
    shape: ids.shape,
    data: Int32Array.from(ids.data, Number),
  }
  return {
    config,
    plan: json(caseFiles.plan) as TrainingPlan,
    batch: ids.shape[0]!,
    weights: readSafetensors(join(directory, caseFiles.weights)).tensors,
    inputs: {
      pixelValues: arrays.get('pixelValues') as HostArray<'float32'>,
      inputIds,
      ends: oneHotEnds(inputIds, config.text_config.eos_token_id),
    },
  }
}

/** 1 at the first end token of each row. */
function oneHotEnds({ shape, data }: HostArray<'int32'>, end: number): HostArray<'float32'> {
  const [batch, length] = shape as readonly [number, number]
  const values = new Float32Array(data.length)
  for (let row = 0; row < batch; row++) values[data.indexOf(end, row * length)] = 1
  return { dtype: 'float32', shape, data: values }
}

/** Write gradients as float32, parameter after parameter in the order of their names. */
export async function writePeerGradients(
  file: string,
  names: Iterable<string>,
  read: (name: string) => Promise<Float32Array>,
): Promise<void> {
  const handle = openSync(file, 'w')
  for (const name of [...names].sort()) {
    const { buffer, byteOffset, byteLength } = await read(name)
    writeSync(handle, new Uint8Array(buffer, byteOffset, byteLength))
  }
  closeSync(handle)
}
