/** Valohai's API: the project, its store for the bucket, and its default store. */
export { ValohaiClient } from './client'
export { ValohaiError, type Problem } from './errors'
export type { HttpOptions } from './http'
export { isDefault } from './projects'
export { differences, storeHoldsKey, type StoreField } from './stores'
export type { DefaultStore, DesiredStore, KeyReference, Project, SavedStore, Store, Valohai } from './types'
