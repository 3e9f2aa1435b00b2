import type { HclBlock } from '../hcl'
import type { InfrastructureOptions } from '../options'
import type { Target } from '../synthesize'

/** What the documents beside the exported Terraform are written from. */
export interface DocumentsRequest {
  readonly options: InfrastructureOptions
  readonly target: Target
  /** Name of the data store in Valohai. */
  readonly storeName: string
  /** Whether the store becomes the project's default store. */
  readonly setDefault: boolean
  /** Every block of the configuration that is exported, so that the tables say what is really in it. */
  readonly blocks: readonly HclBlock[]
}
