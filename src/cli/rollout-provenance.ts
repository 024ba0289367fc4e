import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { z } from 'zod'
import { ConfigError, version } from '../core/index.ts'
import { type CheckpointChoice, modelDigests } from '../deploy/index.ts'
import { type DeviceName, deviceNames, onnxruntimeVersion } from '../engine/index.ts'
import { type RolloutOptions, rolloutTasks } from '../evaluation/index.ts'
import { episodeSplits, parseRandomization, readRobot, robotDigest } from '../world/index.ts'

/** Device, threads and weights of a rollout. */
export interface RolloutRuntime {
  readonly device: DeviceName
  /** Default: all cores. */
  readonly threads?: number | undefined
  readonly checkpoint?: CheckpointChoice | undefined
}

/** Facts from which the episodes of a rollout can be made again. */
export interface RolloutProvenance extends RolloutRuntime {
  readonly options: RolloutOptions
  /** SHA-256 of each file of the model that was read. */
  readonly model: Readonly<Record<string, string>>
  /** SHA-256 of a robot of one's own: its MJCF and all its files. */
  readonly robot?: string
  /** Versions of Visuomotor, Node and ONNX Runtime, and the processor: with others the last bits may differ. */
  readonly versions: Readonly<Record<string, string>>
}

/** The facts of a rollout on this machine. @throws Errors of `readBundle` and `readRobot`. */
export async function rolloutProvenance(
  model: string,
  options: RolloutOptions,
  { device, threads, checkpoint }: RolloutRuntime,
): Promise<RolloutProvenance> {
  const chosen = checkpoint === undefined ? {} : { checkpoint }
  return {
    options,
    model: await modelDigests(model, chosen),
    ...(options.robot !== undefined && { robot: robotDigest(await readRobot(options.robot)) }),
    versions: {
      visuomotor: version(),
      node: process.versions.node,
      onnxruntime: onnxruntimeVersion(),
      machine: `${process.platform}-${process.arch}, ${cpus()[0]?.model ?? 'CPU'}`,
    },
    device,
    ...(threads !== undefined && { threads }),
    ...chosen,
  }
}

const count = z.int().min(1)

const options = z.strictObject({
  tasks: z.array(z.enum(rolloutTasks)).nonempty(),
  splits: z.array(z.enum(episodeSplits)).nonempty(),
  episodes: count,
  seed: z.int(),
  size: count,
  robot: z.string().optional(),
  randomization: z.unknown().transform(parseRandomization).optional(),
  control: z.boolean().optional(),
  command: z.string().optional(),
  smooth: z.boolean().optional(),
})

const file = z.looseObject({
  episodes: z.array(z.unknown()),
  interruptedAfter: z.int().optional(),
  provenance: z.strictObject({
    options,
    model: z.record(z.string(), z.string()),
    robot: z.string().optional(),
    versions: z.record(z.string(), z.string()),
    device: z.enum(deviceNames),
    threads: count.optional(),
    checkpoint: z.union([z.enum(['best', 'last']), z.int()]).optional(),
  }),
})

/** Content of a rollout's file: its facts, and its episodes as they were written. */
export interface WrittenRollout {
  readonly provenance: RolloutProvenance
  readonly episodes: readonly unknown[]
}

/**
 * Read a rollout's file to make it again.
 * @throws ConfigError `config/rollout-file` for a file that is no rollout's, or of a version without provenance.
 */
export function readRollout(path: string): WrittenRollout {
  const parsed = file.safeParse(jsonOf(path))
  if (parsed.success) return parsed.data as WrittenRollout
  const [issue] = parsed.error.issues
  throw notRollout(path, `${issue!.path.join('.')}: ${issue!.message}`)
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw notRollout(path, (cause as Error).message, cause)
  }
}

const notRollout = (path: string, problem: string, cause?: unknown): ConfigError =>
  new ConfigError(
    'config/rollout-file',
    `${path} cannot be verified: ${problem}. Name the rollout.json of a rollout of this version`,
    { file: path },
    { cause },
  )
