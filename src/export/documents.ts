import type { HclBlock, JsonValue } from '../infra/hcl'
import type { Target } from '../infra/synthesize'
import type { StoreSpec } from '../store/spec'
import { GITIGNORE, gitignore } from './gitignore'
import { moduleTests } from './module-tests'
import { providerLock } from './provider-lock'
import { exportReadme } from './readme'

/** What the documents beside the exported Terraform are written from. */
export interface DocumentsRequest {
  readonly spec: StoreSpec
  readonly target: Target
  /** Every block of the configuration that is exported, so that the tables say what is really in it. */
  readonly blocks: readonly HclBlock[]
  /** Where a configuration that calls the module finds it: `source` of a `module` block. */
  readonly source: string
  /** Values that are of no option, by the names of their variables. */
  readonly own: Readonly<Record<string, JsonValue>>
}

/** The files beside exported Terraform, by name: what people and tests read, and what pins a root's provider. */
export function exportDocuments(request: DocumentsRequest): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', exportReadme(request)],
    // Where both are there, OpenTofu reads the latter alone.
    ['tests/store.tftest.hcl', moduleTests(request.spec, 'terraform')],
    ['tests/store.tofutest.hcl', moduleTests(request.spec, 'tofu')],
    [GITIGNORE, gitignore()],
    ...(request.target.layout === 'root' ? providerLock(request.target.awsProviderVersion) : []),
  ])
}
