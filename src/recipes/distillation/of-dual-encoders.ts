import { ConfigError, float32, type HostArray } from '../../core/index.ts'
import { DualEncoderRuntime } from '../../deploy/index.ts'
import { ParameterProgram, toNumber } from '../../engine/index.ts'
import { type DualEncoder, DualEncoderPrograms, featureWidth, isDualEncoder } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import {
  type DualEncoderTeacher,
  type DualEncoderTerm,
  dualEncoderDistillation,
  dualEncoderTerms,
  inPieces,
  keptOutputs,
  keysOfTexts,
  type OutputsOf,
  teacherArrays,
} from '../../training/index.ts'
import type { DistillationTerm } from '../recipe/distillation.ts'
import type { Distillation } from './distillation.ts'
import type { Teacher } from './teacher.ts'

/** Memory for what a teacher makes of texts that come again; it computes those of further texts each time. */
const mostTextBytes = 2 ** 28

/** Dual encoders that learn from dual encoders. */
export const distillationOfDualEncoders: Distillation<DualEncoder> = {
  kinds: dualEncoderTerms,
  usual: [{ kind: 'logits', weight: 1, temperature: 4 }],
  requireFitting(_, { directory, description: { model } }) {
    if (isDualEncoder(model)) return
    const message =
      `distillation: ${directory} holds a ${model.config.model_type} model, which has no space that images and texts ` +
      'share; the teacher of a dual encoder is a dual encoder'
    throw new ConfigError('config/distillation', message, { teacher: directory })
  },
  losses: (student, teachers, terms) =>
    dualEncoderDistillation(student, teachers.map(described), terms.filter(isKnown)),
  async inPlace(model, name, { engine, values }) {
    const encoders = await DualEncoderPrograms.create(engine, model, values)
    const parameters = new Map([...namedParameters(model)].map(([name, { leaf }]) => [name, leaf]))
    const outputs = { scale: model.scale() }
    const scales = await ParameterProgram.create(engine, values, undefined, { parameters, outputs })
    const { images, texts } = teacherArrays({ name })
    return async ({ ids, arrays }) => {
      const scale = await toNumber((await scales.run({})).scale!)
      const scaled = (await encoders.encodeImages(arrays.pixelValues!)).map((value) => value * scale)
      return {
        [images]: rowsOf(scaled, ids.length),
        [texts]: rowsOf(await encoders.encodeTexts(arrays.inputIds!), ids.length),
      }
    }
  },
  async load(teacher, inputs, options) {
    const { runner } = await DualEncoderRuntime.load(teacher.directory, options)
    const { images, texts } = teacherArrays(teacher)
    const textsOf: OutputsOf = async ({ ids, arrays }) => ({
      [texts]: rowsOf(await runner.encodeTexts(arrays[inputs.texts]!), ids.length),
    })
    // Alone: a pass over several texts computes as much of each as the longest needs, in other bits.
    const readTexts = inputs.textsRepeat
      ? keptOutputs(inPieces(textsOf, 1), mostTextBytes, keysOfTexts(inputs.texts))
      : textsOf
    return async (batch) => ({
      [images]: rowsOf(await runner.encodeImages(batch.arrays[inputs.images]!), batch.ids.length),
      ...(await readTexts(batch)),
    })
  },
}

const isKnown = (term: DistillationTerm): term is DualEncoderTerm =>
  dualEncoderTerms.some((kind) => kind === term.kind)

const described = ({ name, description: { model }, scale = 1 }: Teacher): DualEncoderTeacher => ({
  name,
  width: featureWidth(model as DualEncoder),
  scale,
})

/** Features [rows, width] of their own: a runner may use its array again. */
const rowsOf = (features: Float32Array, rows: number): HostArray =>
  float32([rows, features.length / rows], features.slice())
