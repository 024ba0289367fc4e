import { bundlePackage, isBuilt } from '../../scripts/bundle-package.ts'

/** Set in the processes of the tests once the package is built: every project of the tests asks for it. */
const done = 'VISUOMOTOR_BUILT_FOR_TESTS'

/** Before all tests: the JavaScript of `dist`, which they start in processes and threads, becomes that of the source. */
export async function setup(): Promise<void> {
  if (process.env[done]) return
  process.env[done] = 'yes'
  if (!isBuilt()) await bundlePackage()
}
