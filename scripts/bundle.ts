import { bundlePackage } from './bundle-package.ts'

await bundlePackage()
