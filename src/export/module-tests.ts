import { TEST_ACCOUNT } from './module-test-account'
import { bucketRuns, keyRuns, roleRuns, userRuns } from './module-test-runs'
import { nameRuns, refusalRuns } from './module-test-names'
import { factsOf } from './facts'
import type { DocumentsRequest } from './request'
import { block, printRun } from './test-file'

/**
 * The text of `tests/store.tftest.hcl`: the reviewer's questions, asked of the configuration by
 * `terraform test`. The provider is mocked, so it needs no credentials and makes nothing.
 *
 * Every run is a plan: after an apply Terraform would tear down what it made, and `prevent_destroy` refuses.
 */
export function moduleTests(request: DocumentsRequest): string {
  const { options } = request
  const runs = [
    ...nameRuns(options),
    ...refusalRuns(options),
    ...bucketRuns(options),
    ...userRuns(options),
    ...(options.multipart ? roleRuns(options) : []),
    ...keyRuns,
  ]
  return [
    HEAD,
    mockProvider(request),
    block('variables', { bucket_name: options.bucketName, access_key_generations: ['1'] }, 0),
    ...runs.map(printRun),
  ]
    .join('\n\n')
    .concat('\n')
}

const HEAD = `# What a reviewer asks of this configuration, answered by Terraform 1.11 or later:
#
#   terraform init -backend=false
#   terraform test
#
# AWS is a mock here: the tests need no credentials, touch no state and make nothing. One thing no
# test can see: prevent_destroy, which keeps the bucket. Look for it in the configuration.`

/** What AWS would make up. Without it, mocked attributes are random text, and an ARN has to look like one. */
function mockProvider({ options }: DocumentsRequest): string {
  const { partition, bucketArn, userArn, roleArn } = factsOf(options, TEST_ACCOUNT)
  const mocks: [header: string, defaults: Record<string, string>][] = [
    ['mock_data "aws_partition"', { partition }],
    ['mock_resource "aws_s3_bucket"', { id: options.bucketName, arn: bucketArn, region: options.region }],
    ['mock_resource "aws_iam_user"', { arn: userArn }],
    ...(options.multipart
      ? [['mock_resource "aws_iam_role"', { arn: roleArn }] as [string, Record<string, string>]]
      : []),
  ]
  const blocks = mocks.map(
    ([header, defaults]) => `  ${header} {\n${assignment('defaults', defaults, 4)}\n  }`,
  )
  return `mock_provider "aws" {\n  override_during = plan\n\n${blocks.join('\n\n')}\n}`
}

function assignment(name: string, values: Readonly<Record<string, string>>, indent: number): string {
  return block(`${name} =`, values, indent)
}
