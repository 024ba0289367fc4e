export {
  type ObedienceOptions,
  obedience,
  type PolicyRobustnessOptions,
  policyRobustness,
  type RolloutsOptions,
  rollouts,
} from './acting/index.ts'
export { captionExamples } from './caption-examples.ts'
export {
  type CompositionalityOptions,
  compositionality,
  type FeaturesOptions,
  features,
  type LinearProbeOptions,
  linearProbe,
  type NearestNeighboursOptions,
  nearestNeighbours,
  type PromptTemplates,
  promptTemplates,
  type TransferOptions,
  transfer,
  type ZeroShotOptions,
  zeroShot,
} from './dual/index.ts'
export type { Environment, EnvironmentStep } from './environment/environment.ts'
export {
  type JudgedEpisode,
  type Judgement,
  type JudgeOptions,
  judgeInEnvironment,
} from './environment/judge-in-environment.ts'
export { evaluatePolicy } from './evaluate-policy.ts'
export { evaluationLoader } from './evaluation-loader.ts'
export { MaskedExamples } from './masked-examples.ts'
export { PolicyExamples } from './policy-examples/policy-examples.ts'
export { policyPictures } from './policy-examples/policy-pictures.ts'
export { type ExampleOptions, retrievalExamples, type Thumbnail } from './retrieval-examples.ts'
export {
  type AxisName,
  axisNames,
  type RobustnessInput,
  type RobustnessOptions,
  robustness,
} from './robustness/index.ts'
export {
  type ControlPolicy,
  controlCameras,
  controlTasksOf,
  requireControl,
} from './rollout/control-policy.ts'
export { Delay } from './rollout/delay.ts'
export {
  drawActions,
  type Episode,
  type RefusedScene,
  scenesWithoutMeaning,
} from './rollout/episode.ts'
export { type ControlFrame, EpisodeRecorder, type EpisodeWriter } from './rollout/episode-recorder.ts'
export { filmOf } from './rollout/film.ts'
export {
  type ControlTask,
  controlTasks,
  isControlTask,
  type Outcome,
  type Outcomes,
  type RolloutTask,
  rolloutTasks,
  taskNeeds,
} from './rollout/outcome.ts'
export type { RolloutPicture, RolloutPolicy } from './rollout/policy.ts'
export { Recorder, type Recording, succeeded } from './rollout/recording.ts'
export { type Difference, episodeDifference } from './rollout/reproduction.ts'
export {
  countEpisodes,
  type RolloutOptions,
  rollout,
  type Spectator,
  spectators,
  type TriedEpisode,
} from './rollout/rollout.ts'
export { type RolloutSummary, refusedScenes, summarizeRollout, type TaskSummary } from './rollout/summary.ts'
export { type ControlConditions, type Controlled, tryControl } from './rollout/try-control.ts'
export { withShuffledCommands } from './shuffled-commands.ts'
export * from './suite/index.ts'
export { WatchServer } from './watch/watch-server.ts'
