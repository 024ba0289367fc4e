import { join } from 'node:path'
import { ConfigError, keepEarlier } from '../core/index.ts'
import { BagWriter, LeRobotWriter } from '../data/index.ts'
import { EpisodeRecorder } from '../evaluation/index.ts'
import type { Output } from './output.ts'
import type { RolledPolicy, RolloutFlags } from './rollout-flags.ts'

/** Forms in which rollouts are recorded, each in a directory of its name. */
const writers = {
  mcap: async (directory: string, recording: ConstructorParameters<typeof BagWriter>[1]) =>
    new BagWriter(directory, recording),
  lerobot: LeRobotWriter.open,
}
type Form = keyof typeof writers

/**
 * Recorders of a rollout's episodes, as the flags ask. Those of an earlier rollout are kept under the next free number.
 * @throws ConfigError `config/recording` for a policy that predicts once: it has no steps to record.
 */
export function rolloutRecorders(
  policy: RolledPolicy,
  directory: string,
  flags: Pick<RolloutFlags, Form>,
  output: Output,
): EpisodeRecorder[] {
  const forms = (Object.keys(writers) as Form[]).filter((form) => flags[form])
  if (forms.length > 0 && !('stream' in policy)) {
    const message = `--${forms[0]} records policies that control the robot step by step; this one predicts once: leave it out`
    throw new ConfigError('config/recording', message, { form: forms[0] })
  }
  const earlier = keepEarlier(directory, forms)
  if (earlier !== undefined) output.note(`the earlier recording is now ${earlier}`)
  return forms.map(
    (form) =>
      new EpisodeRecorder((recording) => {
        const own = join(directory, form)
        output.note(`episodes: ${own}`)
        return writers[form](own, recording)
      }),
  )
}
