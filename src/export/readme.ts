import type { HclBlock } from '../infra/hcl'
import { code, table } from '../markdown/escape'
import { applySection } from './apply-section'
import { diagram } from './diagram'
import { operationsSection, secretSection, valohaiSection } from './key-section'
import { prose } from './prose'
import type { DocumentsRequest } from './request'
import { findingsSection, policiesSection, testsSection } from './review-section'
import { terraformDocs } from './terraform-docs'

/**
 * The `README.md` of exported Terraform: what it makes and why, how to apply it by hand and what is left to do
 * in Valohai, and what a reviewer has to know to sign it off. The same request gives the same text.
 */
export function exportReadme(request: DocumentsRequest): string {
  const { options, blocks, target } = request
  return [
    '# A private S3 bucket for Valohai',
    `Terraform for the bucket ${code(options.bucketName)} in ${code(options.region)}, and for what Valohai needs to keep a project's data in it. It does what Valohai's guide *Use a private S3 bucket for data storage* tells a person to do by hand.` +
      (target.layout === 'module' ? ' It is a module, to be called from a configuration of your own.' : ''),
    diagram(request),
    '## What it makes, and why',
    table(['Resource', 'Why'], blocks.filter(({ type }) => type === 'resource').map(reasonRow)),
    policiesSection(request),
    findingsSection(request),
    testsSection(request),
    applySection(request),
    secretSection(request),
    valohaiSection(request),
    operationsSection(request),
    terraformDocs(blocks),
  ]
    .join('\n\n')
    .concat('\n')
}

/** The reason stands in the configuration, above the block: it is written nowhere else. */
function reasonRow({ labels, comment = '' }: HclBlock): string[] {
  return [code(labels.join('.')), prose(comment)]
}
