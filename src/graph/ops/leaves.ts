import type { OpTable } from '../op-table.ts'

/** Leaves of the graph: values fed at run time and values known while building. */
export const leaves: Pick<OpTable, 'input' | 'constant'> = {
  input: {
    infer: (_, { shape, dtype }) => ({ shape, dtype }),
    gradient: 'none',
    onnx: 'leaf',
  },

  constant: {
    infer: (_, { value }) => ({ shape: value.shape, dtype: value.dtype }),
    gradient: 'none',
    onnx: 'leaf',
  },
}
