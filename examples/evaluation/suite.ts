import { folder } from 'visuomotor'
import { retrieval, suite } from 'visuomotor/evaluation'

export default suite({
  name: 'products',
  tests: {
    studio: { data: folder('photos/studio'), evaluators: [retrieval()] },
    warehouse: { data: folder('photos/warehouse'), evaluators: [retrieval()] },
  },
})
