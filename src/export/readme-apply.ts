import { newStoreName } from '../store/names'
import { code, fence } from '../markdown/escape'
import { shellWord } from '../markdown/shell'
import { tlsOnlyPolicy } from '../store/policies'
import type { DocumentsRequest } from './documents'
import { quoted } from './hcl-text'
import { partitionOfRegion } from './planned'

const APPLY = fence('terraform init\nterraform plan -out=tfplan\nterraform apply tfplan', 'sh')

/** How a person applies the configuration: as it is, or as a module of a configuration of their own. */
export function applySection(request: DocumentsRequest): string {
  const { spec, target } = request
  const paragraphs = [
    '## Apply it by hand',
    'You need Terraform or OpenTofu as under [Requirements](#requirements), and AWS credentials in the environment that may make the resources above.',
    target.layout === 'root' ? root(request) : module(request),
    existingBucket(request),
    ...(spec.abortMultipartDays > 0
      ? ['Expect the lifecycle rule to take about a minute the first time: AWS is slow to confirm it.']
      : []),
  ]
  return paragraphs.join('\n\n')
}

function root({ target, spec }: DocumentsRequest): string {
  const { type, settings } = target.backend
  const file = target.format === 'json' ? '`backend.tf.json`' : '`backend.tf`'
  const state =
    type === 's3'
      ? stateBucket(String(settings.bucket ?? '<STATE_BUCKET>'), String(settings.region ?? spec.region))
      : type === 'local'
        ? `The state is a file on the machine that applies (see ${file}). Keep it, and keep it private: without it Terraform no longer knows what it made.`
        : `The state is kept in the backend ${code(type)}, as ${file} says. Set that up first; Terraform does not make it.`
  return `${state}

Then, in this directory:

${APPLY}

Values are in \`terraform.tfvars.json\`; every input under [Inputs](#inputs) can be added there.`
}

/** The bucket that the state is kept in cannot be made by the configuration whose state it keeps. */
function stateBucket(name: string, region: string): string {
  const bucket = `--bucket ${shellWord(name)} --region ${shellWord(region)}`
  const policy = tlsOnlyPolicy({ bucketArn: `arn:${partitionOfRegion(region)}:s3:::${name}` })
  // us-east-1 is the default, and refused where it is named.
  const location = `--create-bucket-configuration LocationConstraint=${shellWord(region)}`
  const commands = `aws s3api create-bucket ${bucket} \\
  --object-ownership BucketOwnerEnforced${region === 'us-east-1' ? '' : ` \\\n  ${location}`}

aws s3api put-public-access-block ${bucket} \\
  --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true

aws s3api put-bucket-versioning ${bucket} \\
  --versioning-configuration Status=Enabled

aws s3api put-bucket-encryption ${bucket} \\
  --server-side-encryption-configuration '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}'

aws s3api put-bucket-policy ${bucket} \\
  --policy ${shellWord(JSON.stringify(policy))}`
  return `The state is kept in the bucket ${code(name)} in ${code(region)}, locked by S3 itself. **The bucket has to exist first.** If it does not, make it private, versioned, encrypted and TLS only:

${fence(commands, 'sh')}`
}

function module({ spec, source }: DocumentsRequest): string {
  const { bucketName, region, multipart } = spec
  const storeName = newStoreName(spec)
  const other = bucketName === 'another-bucket' ? 'yet-another-bucket' : 'another-bucket'
  const role = `output "multipart_role_arn" {\n  value = module.store.multipart_role_arn\n}`
  const example = `provider "aws" {
  region = ${quoted(region)}
}

module "store" {
  source      = ${quoted(source)}
  bucket_name = ${quoted(bucketName)}
}

# Again, for another project: every name comes from the name of the bucket.
module "another_store" {
  source      = ${quoted(source)}
  bucket_name = ${quoted(other)}
}

# What the steps below read with terraform output.
output "access_key_id" {
  value = module.store.access_key_id
}

output "secret_access_key" {
  value     = module.store.secret_access_key
  sensitive = true
}

output "encrypted_secret_access_key" {
  value = module.store.encrypted_secret_access_key
}${multipart ? `\n\n${role}` : ''}`
  return `A module has no provider and no backend. Call it from a configuration of your own, whose AWS provider works in ${code(region)}. \`bucket_name\` alone is required:

${fence(example, 'hcl')}

${APPLY}

In Valohai, the first of the two is the data store ${code(storeName)}; each bucket is a store of its own.`
}

/** Terraform overwrites the settings of a bucket that are not in its state, and its plan does not show it. */
function existingBucket({ blocks, spec, target }: DocumentsRequest): string {
  const prefix = target.layout === 'root' ? '' : 'module.store.'
  const imports = blocks
    .filter(
      ({ type, labels: [resource = ''] }) => type === 'resource' && resource.startsWith('aws_s3_bucket'),
    )
    .map(({ labels }) => `terraform import ${prefix}${labels.join('.')} ${spec.bucketName}`)
  return `Is a bucket of this name already yours? Then, between \`init\` and \`plan\`, import it with its settings. A line fails if the bucket has no such setting: go on with the next one. What you do not import is overwritten, and the plan does not show what was there before.

${fence(imports.join('\n'), 'sh')}`
}
