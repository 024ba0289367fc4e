import { retrieval, suite } from 'visuomotor/evaluation'

export default suite({
  name: 'products',
  tests: {
    studio: { data: { kind: 'folder', directory: 'photos/studio' }, evaluators: [retrieval()] },
    warehouse: { data: { kind: 'folder', directory: 'photos/warehouse' }, evaluators: [retrieval()] },
  },
})
