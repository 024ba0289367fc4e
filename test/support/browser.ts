import { execFileSync } from 'node:child_process'

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
