import { errorLine, exitCodeOf, VisuomotorError } from '../../core/index.ts'

/**
 * Tell an error that ends a script, as `npx tsx train.ts`, in the one line of the command line instead of a stack. Errors of
 * others, and scripts that handle uncaught ones themselves, are left alone; so is everything when DEBUG is set.
 */
process.on('uncaughtExceptionMonitor', (error) => {
  if (!(error instanceof VisuomotorError) || process.env.DEBUG) return
  if (process.listenerCount('uncaughtException') > 0) return
  process.stderr.write(`${errorLine(error)}\n`)
  process.exit(exitCodeOf(error))
})
