import type { HclBlock } from '../infra/hcl'
import type { StoreSpec } from '../store/spec'
import type { Target } from '../infra/synthesize'

/** What the documents beside the exported Terraform are written from. */
export interface DocumentsRequest {
  readonly options: StoreSpec
  readonly target: Target
  /** Every block of the configuration that is exported, so that the tables say what is really in it. */
  readonly blocks: readonly HclBlock[]
}
