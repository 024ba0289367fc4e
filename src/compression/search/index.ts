export type { StudyEvent, WorkerIdentity } from './event.ts'
export { dominates, frontOf, hypervolume, ranksOf } from './front.ts'
export { type Importance, importanceOf } from './importance.ts'
export { type Decision, FileJournal, type Journal } from './journal.ts'
export { FileLock, type Holder } from './lock.ts'
export { MemoryJournal } from './memory-journal.ts'
export {
  type Choice,
  choice,
  codeOf,
  keyOf,
  type NumberRange,
  type Parameter,
  range,
  type Space,
  type Value,
  type Values,
  valueAt,
  type When,
} from './parameter.ts'
export { Presence, type Sign } from './presence.ts'
export { identityOf, livesHere } from './process-identity.ts'
export { asha, type Pruner, type Standing, successiveHalving, type Verdict } from './pruners/index.ts'
export { isOver, replay, type StudyState, type TrackedTrial } from './replay.ts'
export {
  type Outcome,
  type RunTrial,
  runStudy,
  type StudyOptions,
  type TrialHooks,
  type Work,
} from './run-study.ts'
export {
  drawUniformly,
  evolutionSampler,
  gridSampler,
  type Question,
  randomSampler,
  type Sampler,
  type SamplerName,
  samplers,
  tpeSampler,
} from './samplers/index.ts'
export { exists as parameterExists, parseSpace } from './space.ts'
export {
  lossesOf,
  type Objective as SearchObjective,
  type Report,
  type Trial,
  type TrialState,
} from './trial.ts'
