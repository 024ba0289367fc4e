#!/usr/bin/env node
import { processOutput } from './output.ts'
import { runProgram } from './program.ts'

// A reader that stops early, as `| head` does, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

// A trial of a study must not outlive the process that counts it as its own.
if (process.connected) {
  process.once('disconnect', () => process.exit(1))
  process.channel?.unref()
}

process.exitCode = await runProgram(process.argv.slice(2), processOutput)
