import { isControlTask, type RolloutTask, rolloutTasks } from '../rollout/outcome.ts'

/** Reason why a policy that acts in chunks cannot be judged by these tasks; undefined for one that can. */
export function controlRefusal({
  tasks,
}: {
  readonly tasks?: readonly RolloutTask[] | undefined
}): string | undefined {
  const other = tasks?.find((task) => !isControlTask(task))
  if (other === undefined) return undefined
  const own = rolloutTasks.filter(isControlTask).join(', ')
  return `${other} is a task of policies that predict once; it controls the robot: ${own}`
}
