import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

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

/**
 * Remove a folder that a browser kept its profile in. Its processes still write there for moments after the first has ended,
 * and the retries of `rmSync` do not look for new files, so all of it is tried again for up to 20 seconds.
 */
export async function removeProfile(folder: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(folder, { recursive: true, force: true })
      return
    } catch (error) {
      if (tries === 200) throw error
      await wait(100)
    }
  }
}
