import type { KeyValue, SchemaElement } from 'hyparquet'
import type { ColumnSource } from 'hyparquet-writer'
import type { LerobotFeature } from './layout.ts'
import type { ParquetLayout } from './parquet-append.ts'

/** Numbers that a feature can hold, with their types in Parquet. */
const numberTypes = {
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  bool: { type: 'BOOLEAN' },
} as const satisfies Record<string, Partial<SchemaElement>>

export type NumberType = keyof typeof numberTypes

/** Dtypes of features that are written. */
export const writtenTypes = [
  ...(Object.keys(numberTypes) as NumberType[]),
  'string',
  'image',
  'video',
] as const

export const isNumberType = (dtype: string): dtype is NumberType => Object.hasOwn(numberTypes, dtype)

/** Features whose values stand in the Parquet files: all but videos. */
export const storedFeatures = (
  features: Readonly<Record<string, LerobotFeature>>,
): [name: string, feature: LerobotFeature][] =>
  Object.entries(features).filter(([, { dtype }]) => dtype !== 'video')

/**
 * Layout of the data files: a column a feature, lists for vectors, `{bytes, path}` for images. The footer names the types as
 * the `datasets` library does, so that it makes lists of fixed length and images of them.
 */
export function dataLayout(features: Readonly<Record<string, LerobotFeature>>): ParquetLayout {
  const stored = storedFeatures(features)
  const children = stored.flatMap(([name, feature]) => elementsOf(name, feature))
  const types = Object.fromEntries(stored.map(([name, feature]) => [name, datasetsType(feature)]))
  return {
    schema: [{ name: 'schema', num_children: stored.length }, ...children],
    metadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features: types } }) }],
  }
}

function elementsOf(name: string, { dtype, shape }: LerobotFeature): SchemaElement[] {
  if (dtype === 'image') {
    return [
      { name, num_children: 2, repetition_type: 'OPTIONAL' },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      textElement('path'),
    ]
  }
  if (!isNumberType(dtype)) return [textElement(name)]
  const number = (own: string): SchemaElement => ({
    name: own,
    ...numberTypes[dtype],
    repetition_type: 'OPTIONAL',
  })
  return isScalar(shape) ? [number(name)] : listElements(name, number('element'))
}

/** A column of texts. */
export const textElement = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: 'OPTIONAL',
})

/** A column of lists, or of lists of lists where the element is a list: its elements, outermost first. */
export const listElements = (name: string, ...element: readonly SchemaElement[]): SchemaElement[] => [
  { name, num_children: 1, repetition_type: 'OPTIONAL', converted_type: 'LIST' },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  ...element,
]

/** Test for a value that LeRobot stores as a number and not as a list of one. */
export const isScalar = (shape: readonly number[]): boolean => shape.length === 1 && shape[0] === 1

function datasetsType({ dtype, shape }: LerobotFeature): object {
  if (dtype === 'image') return { _type: 'Image' }
  const value = { dtype, _type: 'Value' }
  return dtype === 'string' || isScalar(shape)
    ? value
    : { feature: value, length: shape[0], _type: 'Sequence' }
}

/** Values of a feature, frame by frame: numbers of all frames in a row, or one text or image a frame. */
export type FeatureColumn = readonly number[] | readonly string[] | readonly Uint8Array[]

/** A column of the data files from the values of an episode. */
export function dataColumn(
  name: string,
  { dtype, shape }: LerobotFeature,
  values: FeatureColumn,
  episode: number,
): ColumnSource {
  if (dtype === 'image') {
    const data = (values as readonly Uint8Array[]).map((bytes, frame) => ({
      bytes,
      path: `episode-${padded(episode)}-frame-${padded(frame)}.png`,
    }))
    return { name, data, codec: 'UNCOMPRESSED', encoding: 'PLAIN', statistics: false }
  }
  if (!isNumberType(dtype)) return { name, data: [...values] }
  const width = shape[0] ?? 1
  const cells = (values as readonly number[]).map(cellOf[dtype])
  if (isScalar(shape)) return { name, data: cells }
  const lists = Array.from({ length: cells.length / width }, (_, row) =>
    cells.slice(row * width, (row + 1) * width),
  )
  return { name, data: lists }
}

const padded = (number: number): string => String(number).padStart(6, '0')

/** A number as hyparquet-writer takes it for each type. */
const cellOf: Record<NumberType, (value: number) => number | bigint | boolean> = {
  float32: (value) => value,
  float64: (value) => value,
  int32: (value) => value,
  int64: (value) => BigInt(value),
  bool: (value) => value !== 0,
}

/** Layout of `meta/tasks.parquet` as pandas writes a frame whose index is named `task`. */
export const taskLayout: ParquetLayout = {
  schema: [
    { name: 'schema', num_children: 2 },
    { name: 'task_index', type: 'INT64', repetition_type: 'OPTIONAL' },
    textElement('task'),
  ],
  metadata: [pandasMetadata()],
}

function pandasMetadata(): KeyValue {
  const column = (name: string, pandas_type: string, numpy_type: string) => ({
    name,
    field_name: name,
    pandas_type,
    numpy_type,
    metadata: null,
  })
  const value = {
    index_columns: ['task'],
    column_indexes: [
      { ...column('', 'unicode', 'object'), name: null, field_name: null, metadata: { encoding: 'UTF-8' } },
    ],
    columns: [column('task_index', 'int64', 'int64'), column('task', 'unicode', 'object')],
    creator: { library: 'visuomotor', version: '1' },
    pandas_version: '2.2.0',
  }
  return { key: 'pandas', value: JSON.stringify(value) }
}
