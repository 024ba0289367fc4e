import type { Serving } from '../serving.ts'
import { plain, type Route } from './route.ts'

/** Routes that tell how the server is. @param connections Number of open connections. */
export function healthRoutes({ model, metrics }: Serving, connections: () => number): readonly Route[] {
  return [
    { method: 'GET', path: '/healthz', isOpen: true, answer: () => plain('OK\n') },
    {
      method: 'GET',
      path: '/readyz',
      isOpen: true,
      answer: () => (model.pool.isReady ? plain('ready\n') : plain('not ready\n', 503)),
    },
    {
      method: 'GET',
      path: '/metrics',
      answer: () => {
        const { waiting, instances } = model.pool
        const body = metrics.page({ waiting, instances, connections: connections() })
        return { status: 200, type: 'text/plain; version=0.0.4', body }
      },
    },
  ]
}
