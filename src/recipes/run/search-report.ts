import type { Registry } from '../recipe/registry.ts'
import type { Study } from './search.ts'

export async function writeStudyReport(_: Study, __: Registry): Promise<void> {}
