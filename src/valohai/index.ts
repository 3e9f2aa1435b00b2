/** Valohai's API: the project, its store for the bucket, and its default store. */
export { ValohaiClient } from './client'
export { ValohaiError, type Problem } from './errors'
export type { HttpOptions } from './http'
export type { SavedStore, Valohai } from './types'
