import { newStoreName } from '../store/names'
import { code, fence, table } from '../markdown/escape'
import { storeDiagram } from '../markdown/diagram'
import type { DocumentsRequest } from './documents'
import { plannedOf, type Planned } from './planned'
import { applySection } from './readme-apply'
import { connectSection, rotationSection } from './readme-connect'
import { rightsSection } from './readme-rights'
import { againSection } from './readme-again'
import { entrySection } from './readme-entry'
import { exitSection } from './readme-exit'
import { secretSection } from './readme-secret'
import { prose, referenceSection } from './reference'

/** Stands for the number of the AWS account, which is known to AWS alone until the Terraform runs. */
const ACCOUNT = '<ACCOUNT_ID>'

/**
 * The `README.md` of exported Terraform: what it makes and why, how to apply it by hand and what is left to do
 * in Valohai, and what a reviewer has to know to sign it off. The same request gives the same text.
 */
export function exportReadme(request: DocumentsRequest): string {
  const planned = plannedOf(request.spec, ACCOUNT)
  const sections = [
    introduction(request, planned),
    resourcesSection(request),
    policiesSection(request, planned),
    testsSection(request),
    rightsSection(request),
    secretSection(request),
    applySection(request),
    entrySection(request),
    connectSection(request),
    rotationSection(request),
    againSection(request),
    exitSection(request),
    referenceSection(request.blocks),
  ]
  return `${sections.join('\n\n')}\n`
}

function introduction({ spec, target }: DocumentsRequest, { userName, role }: Planned): string {
  const bucket = `the bucket ${code(spec.bucketName)} in ${code(spec.region)}`
  return `# A private S3 bucket for Valohai

${
  target.layout === 'root'
    ? `Terraform for ${bucket}, and for what Valohai needs to keep a project's data in it.`
    : `A Terraform module for a bucket, and for what Valohai needs to keep a project's data in it. The values below are those of ${bucket}.`
}${
    spec.manageBucket ? '' : ' The bucket is managed elsewhere, and nothing of it is made or changed here.'
  } It does what Valohai's guide *Use a private S3 bucket for data storage* tells a person to do by hand. It works with Terraform and with OpenTofu, where the commands below start with \`tofu\`.

${storeDiagram({
  valohai: {
    host: spec.valohaiOrigin.replace(/^https?:\/\//, ''),
    project: undefined,
    store: newStoreName(spec),
    isDefault: spec.setDefault,
    accessKeyId: undefined,
  },
  account: `Your AWS account · ${spec.region}`,
  user: userName,
  role: role?.name,
  bucket: spec.bucketName,
  kmsKey: spec.kmsKeyArn?.replace(/^.*:key\//, ''),
  browser: spec.cors,
})}`
}

/** The reasons stand in the configuration, above the blocks: they are written nowhere else. */
function resourcesSection({ blocks, target }: DocumentsRequest): string {
  const rows = blocks
    .filter(({ type }) => type === 'resource')
    .map(({ labels, comment }) => [code(labels.join('.')), prose(comment)])
  return `## What it makes, and why

${table(['Resource', 'Why'], rows)}

${
  target.format === 'hcl'
    ? 'What Checkov and Trivy find and is accepted is skipped in `main.tf`, at the resource, each skip with its reason.'
    : 'JSON has no comments, so the findings of Checkov and Trivy that are accepted are not marked here. Export again with `format` `hcl` to read each with its reason.'
}`
}

function policiesSection({ spec }: DocumentsRequest, planned: Planned): string {
  const { partition, userName, userPolicy, bucketPolicy, role } = planned
  const policy = (title: string, document: object): string =>
    `### ${title}\n\n${fence(JSON.stringify(document, null, 2), 'json')}`
  const policies = [
    policy(`Policy of the user ${code(userName)}: what Valohai may do`, userPolicy),
    ...(role === undefined
      ? []
      : [
          policy(`Policy of the role ${code(role.name)}: what worker machines may do`, role.policy),
          policy(`Trust policy of the role ${code(role.name)}: who may assume it`, role.trust),
        ]),
    ...(bucketPolicy === undefined
      ? []
      : [
          policy(`Policy of the bucket ${code(spec.bucketName)}: what is refused to everybody`, bucketPolicy),
        ]),
  ]
  return `## Policies as they will be

With the values of this export. ${code(spec.region)} is in the partition ${code(partition)}${
    role === undefined && !spec.denyReconfiguration
      ? ''
      : `; \`${ACCOUNT}\` stands for the number of the account that applies`
  }.

${policies.join('\n\n')}

The user and the role reach this bucket alone. Listing shows the names of the account's buckets, and nothing of what is in them.${
    spec.kmsKeyArn === undefined
      ? ''
      : ' The policy of the KMS key is not part of this: it must let the account grant access through IAM, as the default policy does.'
  }`
}

function testsSection({ target, spec }: DocumentsRequest): string {
  const ofBucket = spec.manageBucket
    ? 'is the bucket private, encrypted and TLS only; which pages may upload; '
    : ''
  return `## Test it, without an account

\`tests/\` asks the questions of a review: ${ofBucket}what may the user and the role do, and who may assume the role; are wrong values refused. AWS is a mock in the tests: they need the provider, and no credentials. \`store.tftest.hcl\` is for Terraform, \`store.tofutest.hcl\` the same for OpenTofu.

${fence('terraform init -backend=false\nterraform test', 'sh')}

The tests are plans: they show what Terraform would send to AWS, not how AWS answers.${
    target.layout === 'root' ? ' Before you apply, run `terraform init` again, with the backend.' : ''
  }`
}
