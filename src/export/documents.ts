import { moduleTests } from './module-tests'
import { exportReadme } from './readme'
import type { DocumentsRequest } from './request'

export type { DocumentsRequest } from './request'
export { policiesOf, type Policies } from './facts'
export { exportReadme } from './readme'
export { moduleTests } from './module-tests'

/** The files beside exported Terraform, by name, that only people and `terraform test` read. */
export function exportDocuments(request: DocumentsRequest): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', exportReadme(request)],
    ['tests/store.tftest.hcl', moduleTests(request)],
  ])
}
