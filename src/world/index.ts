export { moveArm } from './acting/arm-motion.ts'
export { driveTowards } from './acting/drive.ts'
export { type Judgement, judgeTolerances } from './acting/judge.ts'
export { take } from './acting/take.ts'
export { type Eyes, World, type WorldAction } from './acting/world.ts'
export { chooseMeaning, placeOf, type WrittenCommand, writeCommand } from './commands/choose-command.ts'
export {
  type Action,
  type Command,
  type Meaning,
  type Placing,
  type Reference,
  type Relation,
  settingOf,
} from './commands/command.ts'
export { parseCommand } from './commands/parse-command.ts'
export { phrasings } from './commands/phrasings.ts'
export { resolveCommand } from './commands/resolve-command.ts'
export { writeReference } from './commands/write-reference.ts'
export { RobotControl } from './control/robot-control.ts'
export {
  type ActionSpace,
  actionSpaces,
  type Controls,
  controlRate,
  controlsOf,
  type RobotNumbers,
  robotNumbers,
} from './control/robot-numbers.ts'
export { type TaskState, TaskWatch, taskTolerances } from './control/task-watch.ts'
export { answeredCommand } from './dataset/command-records.ts'
export { type KnownRobot, knownRobot, robotOfDataset } from './dataset/description.ts'
export { type GenerateControls, generateDataset } from './dataset/generate.ts'
export { type DatasetOptions, datasetDefaults, tabletopRandomization } from './dataset/options.ts'
export { type LabelledScene, SceneMaker, settingOfNumber } from './dataset/scene-maker.ts'
export type { CommandRecord, SceneRecord } from './dataset/scene-record.ts'
export { type Split, splits } from './dataset/splits.ts'
export {
  type DemonstratedFrame,
  type DemonstrationOptions,
  type DemonstrationRefusal,
  type Disturbances,
  demonstrate,
  usualDisturbances,
} from './demonstration/demonstrate.ts'
export type { EpisodeCounts, EpisodesDescription } from './episodes/description.ts'
export { type DemonstratedEpisode, EpisodeMaker } from './episodes/episode-maker.ts'
export { episodeFeatures, generateEpisodes } from './episodes/generate-episodes.ts'
export {
  demonstratedTasks,
  type EpisodeOptions,
  type EpisodeSplit,
  episodeDefaults,
  episodeSplits,
  episodesOf,
} from './episodes/options.ts'
export type { Refusal, Truth } from './expert/ground-truth.ts'
export { InverseKinematics, type Reach } from './expert/inverse-kinematics.ts'
export * from './randomization/index.ts'
export * from './renderer/index.ts'
export { checkRobot, type RobotCheck } from './robot/check-robot.ts'
export { armJoints, jointNames } from './robot/joint-names.ts'
export type { Posture, Postures } from './robot/postures.ts'
export { readRobot } from './robot/read-robot.ts'
export { ownRobot, type RobotDescription, robotDigest } from './robot/robot-description.ts'
export { type ColorName, colorNames, objectColors } from './scene/colors.ts'
export { distractorNames, type KindName, kindNames } from './scene/kinds.ts'
export { heldOutPairs, trainedPairs } from './scene/pairs.ts'
export { type Rearrangement, rearrangedScene } from './scene/rearrange-scene.ts'
export { kindsOfSetting, type SceneOptions, sampleScene } from './scene/sample-scene.ts'
export { isNamed, type NamedThing, type Scene, type SceneThing, type Setting } from './scene/scene.ts'
export { type Frame, pointInto, pointOutOf } from './simulation/frame.ts'
export { loadMujoco, type Mujoco } from './simulation/mujoco.ts'
export { type RobotCamera, renderState, robotCameras, surroundings } from './simulation/render-state.ts'
export { Simulation } from './simulation/simulation.ts'
