import {
  type Batch,
  ConfigError,
  joinRows,
  type LogWindowState,
  latestCheckpoint,
  nameGroups,
  type Progress,
} from '../core/index.ts'
import { type LossScale, nextLossScale } from '../optim/index.ts'
import type { BatchStream, Feedback } from './batch-stream.ts'
import { type Callback, noteTo } from './callback.ts'
import { keepFrozen, keepMask, pruneCheckpoints, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { alone, type Communicator, lead } from './communicator.ts'
import { LogWindow } from './log-window.ts'
import { exchangeReports, requireSameCheckpoint, requireSameValues } from './members-agree.ts'
import { MemoryBudget } from './memory-budget.ts'
import { splitBatch } from './micro-batches.ts'
import { thawAt } from './model-state.ts'
import { Monitor } from './monitor.ts'
import { Remarks } from './remarks.ts'
import { type Circumstances, requireFinite } from './require-finite.ts'
import type { TrainerOptions, TrainingResult } from './trainer-options.ts'

/** Trainer of a task: `run` is the algorithm, everything else serves it. */
export class Trainer {
  readonly #options: TrainerOptions
  readonly #communicator: Communicator
  readonly #monitor: Monitor | undefined
  readonly #memory: MemoryBudget | undefined
  #position: unknown
  #window = new LogWindow()
  /** Steps before the checkpoint that no line of the log has yet. */
  #resumedWindow: LogWindowState | undefined
  #step = 0
  #lossScale: LossScale | undefined
  #trainSeconds = 0
  #waitSeconds = 0
  #checkpoint: string | undefined
  /** True once any member was asked to end. */
  #isAsked = false

  constructor(options: TrainerOptions) {
    this.#options = options
    this.#communicator = options.communicator ?? alone
    this.#lossScale = options.lossScale
    this.#monitor = options.validation && new Monitor(options.validation)
    const { memoryBudget: budget, microBatchSize } = options
    this.#memory = budget && new MemoryBudget(budget, budget.batchSize, microBatchSize)
  }

  /** Resume from the run's newest checkpoint, if there is one. @returns Number of steps already done. */
  async resume(): Promise<number> {
    const { checkpoints, state, task } = this.#options
    this.#checkpoint = latestCheckpoint(checkpoints.run)
    await requireSameCheckpoint(this.#checkpoint, this.#communicator)
    if (!this.#checkpoint) return 0
    const progress = await readCheckpoint(checkpoints.run, this.#checkpoint, state, task.memory)
    this.#step = progress.step
    this.#resumedWindow = progress.logWindow
    this.#trainSeconds = progress.trainSeconds - (this.#resumedWindow?.seconds ?? 0)
    this.#waitSeconds = progress.waitSeconds - (this.#resumedWindow?.waitSeconds ?? 0)
    if (this.#monitor && progress.monitor) this.#monitor.state = progress.monitor
    if (this.#memory && progress.memory) this.#memory.state = progress.memory
    this.#position = progress.loader
    this.#lossScale = progress.lossScale ?? this.#lossScale
    if (task.memory) task.memory.value = progress.task
    await requireSameValues(state.values, this.#step, this.#communicator)
    this.#tellMembers(progress.members ?? 1)
    return this.#step
  }

  async run(): Promise<TrainingResult> {
    const { task, state, totalSteps, logEverySteps, checkpoints } = this.#options
    this.#tell((callback) => callback.onStart?.({ step: this.#step, totalSteps }))
    this.#window = new LogWindow(this.#resumedWindow)
    await lead(this.#communicator, async () => {
      await keepFrozen(checkpoints.run, state, this.#step === 0)
      await keepMask(checkpoints.run, state, this.#step === 0)
    })
    const stream = this.#options.openStream(this.#position)
    const batches = stream[Symbol.asyncIterator]()
    const remarks = new Remarks(noteTo(this.#options.callbacks))
    const before = this.#step
    try {
      while (!this.#finished) {
        const step = this.#step + 1
        await this.#thaw(step)
        const { value: batch } = await this.#window.waitFor(batches.next())
        if (this.#communicator.size === 1) remarks.add(step, task.remark?.(batch))
        const losses = await this.#learn(batch, stream.feedback)

        this.#step = step
        this.#followMemory()
        await this.#feedBack(stream.feedback, losses)
        this.#tell((callback) => callback.onStep?.(step))
        if (this.#isDue(logEverySteps) || this.#concluded) this.#log()
        const improved = this.#validationIsDue && (await this.#window.exclude(this.#validate(stream)))
        if (this.#monitor?.exhausted) this.#log() // the steps before a validation that ends the run
        if (improved || this.#isDue(checkpoints.everySteps) || this.#finished)
          await this.#window.exclude(this.#save(stream))
      }
    } finally {
      await stream.close()
      remarks.close(this.#step - before)
      this.#tell((callback) => callback.onEnd?.())
    }
    return this.#result()
  }

  /** Learn from a batch, in as many updates as the memory budget makes of it. @returns Losses of its samples, if asked for. */
  async #learn(batch: Batch, feedback: Feedback | undefined): Promise<(Float32Array | undefined)[]> {
    const { task, state, update, schedule, microBatchSize, totalSteps, stepsPerEpoch } = this.#options
    const step = this.#step + 1
    const learningRate = this.#options.learningRate * schedule.factorAt(step, { totalSteps, stepsPerEpoch })
    const sampleLosses = feedback?.onSampleLosses !== undefined
    if (step === 1) await this.#memory?.requireSample(task, state, batch)
    const losses: (Float32Array | undefined)[] = []
    for (const part of this.#memory?.batches(batch) ?? [batch]) {
      const microBatches = splitBatch(part, this.#memory?.size ?? microBatchSize)
      const scale = this.#lossScale?.scale
      const request = { sampleLosses, ...(scale !== undefined && { lossScale: scale }) }
      const taken = await task.computeGradients(microBatches, state, this.#communicator, request)
      await this.#communicator.sum(state.gradients)
      requireFinite({ loss: taken.loss }, this.#circumstances(step, part))
      const rate = learningRate * (part.ids.length / batch.ids.length)
      const gradientNorm = await update.apply(state, rate, scale)
      const samples = await this.#agree(part, gradientNorm)
      const outcome = this.#settle(gradientNorm, step, part)
      const { loss, numbers } = taken
      this.#window.add(samples, { loss, learningRate: rate, ...outcome, ...numbers, ...feedback?.numbers })
      losses.push(taken.sampleLosses)
    }
    return losses
  }

  /** Begin to train the parameters whose frozen epochs are over at this step. */
  async #thaw(step: number): Promise<void> {
    const { state, stepsPerEpoch, callbacks } = this.#options
    const names = await thawAt(state, (step - 1) / stepsPerEpoch)
    if (names.length === 0) return
    const others = [...state.parameters.keys()].filter((name) => !names.includes(name))
    noteTo(callbacks)(`trained from step ${step} on: ${nameGroups(names, others).join(', ')}`)
  }

  /** Choose the size of micro-batches for the next step by the memory of this one. */
  #followMemory(): void {
    const change = this.#memory?.observe()
    if (change === undefined) return
    const { task, state, callbacks } = this.#options
    task.release?.(state)
    noteTo(callbacks)(change)
  }

  get #finished(): boolean {
    return this.#concluded || this.#interrupted
  }

  /** True when no step will follow. An interruption adds no line to the log: its steps go into the checkpoint. */
  get #concluded(): boolean {
    return this.#step >= this.#options.totalSteps || this.#monitor?.exhausted === true
  }

  get #interrupted(): boolean {
    return this.#communicator.size === 1 ? this.#options.signal?.aborted === true : this.#isAsked
  }

  /** Agree on the update with the other members, and on whether to end. @returns Number of samples of all of them. */
  async #agree({ ids }: Batch, gradientNorm: number): Promise<number> {
    const own = { gradientNorm, samples: ids.length, asked: this.#options.signal?.aborted === true }
    const { samples, asked } = await exchangeReports(own, this.#step + 1, this.#communicator)
    this.#isAsked = asked
    return samples
  }

  #tellMembers(before: number): void {
    const { size } = this.#communicator
    if (size === before) return
    const text = `warning: the number of members was ${before} and is now ${size}: sums are rounded in another order, so the weights will not be the same bit by bit`
    noteTo(this.#options.callbacks)(text)
  }

  #isDue(everySteps: number): boolean {
    return this.#step % everySteps === 0
  }

  /**
   * True when a validation is due. An interruption adds no validation: the resumed run has the same ones as a run
   * without interruption.
   */
  get #validationIsDue(): boolean {
    const { validation, totalSteps } = this.#options
    return validation !== undefined && (this.#isDue(validation.everySteps) || this.#step === totalSteps)
  }

  /** Log one record for the steps since the last one. */
  #log(): void {
    const { seconds, waitSeconds } = this.#window
    const record = this.#window.record()
    this.#window = new LogWindow()
    this.#trainSeconds += seconds
    this.#waitSeconds += waitSeconds
    if (!record) return
    const epoch = this.#step / this.#options.stepsPerEpoch
    this.#tell((callback) => callback.onLog?.({ ...record, step: this.#step, epoch }))
  }

  /** @returns True when this is the best validation so far; its weights must be kept. */
  async #validate({ feedback }: BatchStream): Promise<boolean> {
    const { task, state, validation, stepsPerEpoch } = this.#options
    const values = state.average ?? state.values
    const measure = () => task.evaluate(validation!.openBatches(), values, state)
    const metrics = await lead(this.#communicator, measure)
    const improved = this.#monitor!.observe(this.#step, metrics)
    feedback?.onValidation?.(metrics)
    const record = { step: this.#step, epoch: this.#step / stepsPerEpoch, validation: metrics }
    this.#tell((callback) => callback.onValidation?.(record))
    return improved
  }

  async #save({ position }: BatchStream): Promise<void> {
    const { state, task, checkpoints } = this.#options
    const progress: Progress = {
      step: this.#step,
      loader: position,
      task: task.memory?.value,
      monitor: this.#monitor?.state,
      lossScale: this.#lossScale,
      memory: this.#memory?.state,
      ...(this.#communicator.size > 1 && { members: this.#communicator.size }),
      logWindow: this.#window.state,
      trainSeconds: this.#trainSeconds + this.#window.seconds,
      waitSeconds: this.#waitSeconds + this.#window.waitSeconds,
    }
    await requireSameValues(state.values, this.#step, this.#communicator)
    const best = this.#monitor?.state.best
    this.#checkpoint = await lead(this.#communicator, async () => {
      const written = await writeCheckpoint(checkpoints.run, state, progress)
      pruneCheckpoints(checkpoints.run, checkpoints.keep, best ? [best.step] : [])
      return written
    })
    this.#tell((callback) => callback.onCheckpoint?.(this.#checkpoint!))
  }

  /** Give the stream the feedback that it asked for. @throws ConfigError when the task does not know it. */
  async #feedBack(
    feedback: Feedback | undefined,
    losses: readonly (Float32Array | undefined)[],
  ): Promise<void> {
    if (!feedback?.onSampleLosses) return
    const known = losses.filter((each) => each !== undefined)
    if (known.length < losses.length) {
      const { name } = this.#options.task
      throw new ConfigError(
        'training/no-sample-losses',
        `task '${name}' does not know the loss of each sample, by which this run chooses its samples; choose them ` +
          'by another measure',
        { task: name },
      )
    }
    feedback.onSampleLosses(await this.#communicator.gather(joinRows(known)))
  }

  #circumstances(step: number, { ids }: Batch): Circumstances {
    return { step, sampleIds: ids, checkpoint: this.#checkpoint, inHalves: this.#lossScale !== undefined }
  }

  /** Conclude an update, also one that was skipped because gradients overflowed. @returns Metrics for the log. */
  #settle(gradientNorm: number, step: number, batch: Batch) {
    const state = this.#lossScale
    if (!state || state.scale <= 1) requireFinite({ gradientNorm }, this.#circumstances(step, batch))
    if (!state) return { gradientNorm }
    const overflowed = !Number.isFinite(gradientNorm)
    this.#lossScale = nextLossScale(state, overflowed)
    const scaling = { lossScale: state.scale, skipped: overflowed ? 1 : 0 }
    return overflowed ? scaling : { gradientNorm, ...scaling }
  }

  #tell(event: (callback: Callback) => void): void {
    for (const callback of this.#options.callbacks) event(callback)
  }

  #result(): TrainingResult {
    const { seconds = 0, waitSeconds = 0 } = this.#window.state ?? {}
    const trainSeconds = this.#trainSeconds + seconds
    return {
      step: this.#step,
      interrupted: this.#interrupted && this.#step < this.#options.totalSteps,
      checkpoint: this.#checkpoint,
      best: this.#monitor?.state.best,
      trainSeconds,
      dataWaitFraction: (this.#waitSeconds + waitSeconds) / Math.max(trainSeconds, Number.EPSILON),
    }
  }
}
