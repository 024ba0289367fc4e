import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'

/** A browser that this machine has, if any. */
export const browser: string | undefined = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

/** Arguments that let a browser run without a window, and ask the network for nothing of its own. */
export const headless: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-sync',
]

/** Arguments by which a browser computes WebGPU on the processor. */
export const softwareGraphics: readonly string[] = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
]

/** Remove a folder that a browser kept its profile in: its processes still write there for moments after its first has ended. */
export function removeProfile(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}
