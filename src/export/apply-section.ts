import { newStoreName } from '../store/names'
import { quote } from '../infra/hcl'
import { tlsOnlyPolicy } from '../store/policies'
import { code, fence } from '../markdown/escape'
import { partitionOfRegion } from './facts'
import type { DocumentsRequest } from './request'
import { shellCommand, shellWord } from './shell'

/** How a person applies the configuration: as it is, or as a module of a configuration of their own. */
export function applySection(request: DocumentsRequest): string {
  return request.target.layout === 'root' ? root(request) : module(request)
}

function root({ target, options }: DocumentsRequest): string {
  const { type, settings } = target.backend
  const extension = target.format === 'json' ? '.tf.json' : '.tf'
  const before =
    type === 's3'
      ? stateBucket(settings, options.region)
      : type === 'local'
        ? 'The state is a file on the machine that applies (`backend` ' +
          `in \`backend${extension}\`). Keep it, and keep it private: without it Terraform no longer knows what it made.`
        : `The state is kept in the backend ${code(type)}, as \`backend${extension}\` says. Set that up first; Terraform does not make it.`
  return [
    '## Apply it by hand',
    `You need Terraform as under [Requirements](#requirements), and AWS credentials in the environment that may make the resources below.`,
    before,
    'Then, in this directory:',
    fence(['terraform init', 'terraform plan -out=tfplan', 'terraform apply tfplan'].join('\n'), 'sh'),
    'Values are in `terraform.tfvars.json`; every input under [Inputs](#inputs) can be added there. ' +
      `A bucket of the name that is already yours is taken over with ${code(`terraform import aws_s3_bucket.store ${options.bucketName}`)} before the plan.`,
    ...(options.abortMultipartDays > 0
      ? ['Expect the lifecycle rule to take about a minute the first time: AWS is slow to confirm it.']
      : []),
  ].join('\n\n')
}

/** The bucket that the state is kept in cannot be made by the configuration whose state it keeps. */
function stateBucket(settings: Readonly<Record<string, string | boolean>>, fallbackRegion: string): string {
  const setting = (name: string): string | undefined => {
    const value = settings[name]
    return typeof value === 'string' ? value : undefined
  }
  const name = setting('bucket') ?? '<STATE_BUCKET>'
  const region = setting('region') ?? fallbackRegion
  const bucketArn = `arn:${partitionOfRegion(region)}:s3:::${name}`
  const target = `--bucket ${shellWord(name)} --region ${shellWord(region)}`
  const put = (what: string, option: string, value: string): string =>
    shellCommand(`aws s3api put-${what} ${target}`, `--${option} ${shellWord(value)}`)
  const encryption = { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] }
  return [
    `The state is kept in the bucket ${code(name)} in ${code(region)}, locked by S3 itself. **The bucket has to exist first.** Where it does not, make it private, versioned, encrypted and TLS only:`,
    fence(
      [
        shellCommand(
          `aws s3api create-bucket ${target}`,
          '--object-ownership BucketOwnerEnforced',
          // us-east-1 is the default that must not be named.
          ...(region === 'us-east-1'
            ? []
            : [`--create-bucket-configuration ${shellWord(`LocationConstraint=${region}`)}`]),
        ),
        put(
          'public-access-block',
          'public-access-block-configuration',
          'BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true',
        ),
        put('bucket-versioning', 'versioning-configuration', 'Status=Enabled'),
        put('bucket-encryption', 'server-side-encryption-configuration', JSON.stringify(encryption)),
        put('bucket-policy', 'policy', JSON.stringify(tlsOnlyPolicy({ bucketArn }))),
      ].join('\n\n'),
      'sh',
    ),
  ].join('\n\n')
}

function module({ options }: DocumentsRequest): string {
  const { bucketName, region } = options
  const other = bucketName === 'another-bucket' ? 'yet-another-bucket' : 'another-bucket'
  const call = (label: string, name: string): string =>
    [
      `module "${label}" {`,
      '  source      = "./valohai-s3-terraform"',
      `  bucket_name = ${quote(name)}`,
      '}',
    ].join('\n')
  const outputs = [
    'access_key_id',
    'secret_access_key',
    'encrypted_secret_access_key',
    ...(options.multipart ? ['multipart_role_arn'] : []),
  ].map((name) =>
    [
      `output "${name}" {`,
      ...(name === 'secret_access_key'
        ? [`  value     = module.store.${name}`, '  sensitive = true']
        : [`  value = module.store.${name}`]),
      '}',
    ].join('\n'),
  )
  const example = [
    `provider "aws" {\n  region = ${quote(region)}\n}`,
    call('store', bucketName),
    `# Again, for another project: every name comes from the name of the bucket.\n${call('another_store', other)}`,
    '# What the steps below read with terraform output.\n' + outputs.join('\n\n'),
  ]
  return [
    '## Apply it by hand',
    `This is a module: it has no provider and no backend. Call it from a configuration of your own, whose AWS provider works in ${code(region)}. \`bucket_name\` alone is required:`,
    fence(example.join('\n\n'), 'hcl'),
    fence(['terraform init', 'terraform plan -out=tfplan', 'terraform apply tfplan'].join('\n'), 'sh'),
    `In Valohai, the first of the two is the data store ${code(newStoreName(options))}; each bucket is a store of its own.`,
  ].join('\n\n')
}
