import { code, fence, fold, table } from '../markdown/escape'
import type { PolicyDocument } from '../store/policies'
import { ACCOUNT_ID, factsOf, policiesOf } from './facts'
import { prose } from './prose'
import type { DocumentsRequest } from './request'
import { passedChecks, remainingFindings } from './scanner-findings'

/** The policies as they will be. */
export function policiesSection({ options }: DocumentsRequest): string {
  const { userName, roleName, partition } = factsOf(options)
  const { user, bucket, role, trust } = policiesOf(options)
  const entries: [title: string, policy: PolicyDocument][] = [
    [`Policy of the user ${code(userName)}: what Valohai may do`, user],
    ...(role === undefined
      ? []
      : ([[`Policy of the role ${code(roleName)}: what worker machines may do`, role]] as [
          string,
          PolicyDocument,
        ][])),
    ...(trust === undefined
      ? []
      : ([[`Trust policy of the role ${code(roleName)}: who may assume it`, trust]] as [
          string,
          PolicyDocument,
        ][])),
    [`Policy of the bucket ${code(options.bucketName)}: TLS only`, bucket],
  ]
  return [
    '## Policies as they will be',
    `With the values of this export. ${code(options.region)} is in the partition ${code(partition)}` +
      (trust === undefined
        ? '.'
        : `; \`${ACCOUNT_ID}\` stands for the number of the account that applies, which is not known before.`),
    ...entries.flatMap(([title, policy]) => [`### ${title}`, fence(JSON.stringify(policy, null, 2), 'json')]),
    'The grants are on this bucket alone. Listing names the buckets of the account, and shows nothing of what is in them.' +
      (options.kmsKeyArn === undefined
        ? ''
        : ' The policy of the KMS key must let the account grant access through IAM, as the default policy does; it is not part of this.'),
  ].join('\n\n')
}

/** What scanners report of the configuration. */
export function findingsSection({ options }: DocumentsRequest): string {
  const rows = remainingFindings(options).map(({ checks, reason }) => [
    checks.map(({ id, title }) => `${code(id)} ${prose(title)}`).join('<br/>'),
    prose(reason),
  ])
  const passed = passedChecks(options).map(({ id, title }) => [code(id), prose(title)])
  return [
    '## What scanners report',
    'Checkov and Trivy report these, each for a reason. Newer releases of Trivy print `AVD-AWS-0089` as `AWS-0089`. Ids and titles are those of August 2026; a scanner of another age may differ.',
    table(['Check', 'Why it stays'], rows),
    fold(`${passed.length} checks that it passes`, table(['Check', 'Title'], passed)),
  ].join('\n\n')
}

/** How to run the tests that come with the configuration. */
export function testsSection({ target: { layout } }: DocumentsRequest): string {
  return [
    '## Test it, without an account',
    '`tests/store.tftest.hcl` asks the questions of a review: is the bucket private, encrypted and TLS only; which pages may upload; what may the user and the role do, and who may assume the role; are wrong values refused. AWS is a mock in them: they need Terraform 1.11 or later and the provider, and no credentials.',
    fence(['terraform init -backend=false', 'terraform test'].join('\n'), 'sh'),
    'They are plans: they show what Terraform would send to AWS, not how AWS answers.' +
      (layout === 'root' ? ' Before you apply, run `terraform init` again, with the backend.' : ''),
  ].join('\n\n')
}
