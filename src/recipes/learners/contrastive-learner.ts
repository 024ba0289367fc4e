import { type Sample, type Source, thumbnail } from '../../data/index.ts'
import { retrievalExamples } from '../../evaluation/index.ts'
import { type CrossModalRetrieval, crossModalRetrieval } from '../../metrics/index.ts'
import { type DualEncoder, DualEncoderPrograms } from '../../models/index.ts'
import { humanize } from '../../report/index.ts'
import { contrastiveTask, encodeDataset, type Task } from '../../training/index.ts'
import { evaluationBatches } from '../batches.ts'
import type { Experiment } from '../experiment.ts'
import type { Learner, TestOptions, TestResult } from './learner.ts'

/** A dual encoder that learns from pairs and is tested by retrieval in both directions. */
export class ContrastiveLearner implements Learner<DualEncoder, CrossModalRetrieval> {
  readonly model: DualEncoder
  readonly task: Task
  readonly results = 'retrieval'
  #encoders: Promise<DualEncoderPrograms> | undefined

  constructor(model: DualEncoder, { precision }: Pick<Experiment, 'precision'>) {
    this.model = model
    this.task = contrastiveTask(model, { precision })
  }

  async test(
    name: string,
    source: Source,
    { config, text, state, badSamples }: TestOptions,
  ): Promise<TestResult<CrossModalRetrieval>> {
    this.#encoders ??= DualEncoderPrograms.create(state.engine, this.model, state.average ?? state.values)
    const batches = badSamples.watch(evaluationBatches(config, source, text))
    const encoded = await encodeDataset(await this.#encoders, batches)
    const samples = new Map<string, Sample>()
    for await (const sample of source.samples({ onBad: () => {} })) samples.set(sample.id, sample)
    const examples = await retrievalExamples(encoded, samples, thumbnail, { queries: 8, answers: 5 })
    return {
      metrics: crossModalRetrieval(encoded),
      grids: [
        { title: `${humanize(name)}: images ask for captions`, queries: examples.imageToText },
        { title: `${humanize(name)}: captions ask for images`, queries: examples.textToImage },
      ],
    }
  }
}
