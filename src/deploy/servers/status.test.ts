import { expect, test } from 'vitest'
import { CheckpointError, RequestError } from '../../core/index.ts'
import { answeredError, retryAfter } from './status.ts'

test('an error of a request is told with its message, and its status', () => {
  const error = new RequestError('serve/busy', 'the queue is full', { waiting: 3 })
  const answered = answeredError(error)
  expect(answered).toEqual({
    status: 503,
    code: 'serve/busy',
    message: 'the queue is full',
    facts: { waiting: 3 },
  })
  expect(retryAfter(answered)).toBe(1)
  expect(retryAfter(answeredError(new RequestError('serve/tensor', 'no')))).toBeUndefined()
})

test.each([
  [
    new CheckpointError('bundle/onnx', '/home/somebody/secret is damaged', { file: '/home/somebody' }),
    'bundle/onnx',
  ],
  [new TypeError('x of /home/somebody is undefined'), 'internal'],
  ['/home/somebody', 'internal'],
])('an error of the server %# names nothing of the server', (error, code) => {
  const answered = answeredError(error)
  expect(answered).toMatchObject({ status: 500, code, facts: {} })
  expect(answered.message).not.toMatch(/somebody/)
})
