import { listed } from '../config/problems'
import { printBlocks, type HclBlock, type JsonObject } from '../infra/hcl'
import { variablesOf } from '../infra/variables'
import { partsOf } from '../store/parts'
import { newStoreName } from '../store/names'
import { code, fence } from '../markdown/escape'
import { shellWord } from '../markdown/shell'
import { tlsOnlyPolicy } from '../store/policies'
import type { DocumentsRequest } from './documents'
import { IGNORED } from './gitignore'
import { partitionOfRegion } from './planned'
import { readSecret } from './readme-secret'

const APPLY = `${fence('terraform init\nterraform plan -out=tfplan\nterraform apply tfplan', 'sh')}

\`.terraform.lock.hcl\` pins the provider: commit it with the rest. Plans and states hold secrets, and \`.gitignore\` keeps them out:

${fence("git add .gitignore .terraform.lock.hcl\ngit commit -m 'Pin the AWS provider, and keep plans and states out'", 'sh')}`

/** How a person applies the configuration: as it is, or as a module of a configuration of their own. */
export function applySection(request: DocumentsRequest): string {
  const { spec, target } = request
  const paragraphs = [
    '## Apply it by hand',
    'You need Terraform or OpenTofu as under [Requirements](#requirements), and AWS credentials in the environment that may make the resources above. Is any of them there already? Then [take it over](#what-is-there-already).',
    target.layout === 'root' ? root(request) : module(request),
    readSecret(),
    ...(partsOf(spec).lifecycle
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

The value of every input under [Inputs](#inputs) is in \`terraform.tfvars.json\`, so that nothing in the environment can change one.`
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

const OTHER_TAGS =
  'Keys of tags that others set on bucket, user or role: left as they are. All others than ours are taken off.'

function module({ spec, source, blocks, own }: DocumentsRequest): string {
  const { bucketName, region, manageBucket } = spec
  const { access_key_generations = ['1'], pgp_key: publicKey } = own
  const inputs = variablesOf(spec, false)
  const sealed = typeof publicKey === 'string' ? { pgp_key: publicKey } : {}
  const call = (name: string, values: JsonObject): HclBlock => ({
    type: 'module',
    labels: [name],
    body: { source, ...values },
  })
  const valuesOf = (which: typeof inputs): JsonObject =>
    Object.fromEntries(which.map(({ name, value }) => [name, value]))
  const differing = inputs.filter(({ value, body }) => JSON.stringify(value) !== JSON.stringify(body.default))
  const required = inputs.filter(({ body }) => body.default === undefined)
  const other = bucketName === 'another-bucket' ? 'yet-another-bucket' : 'another-bucket'
  const example = printBlocks([
    {
      type: 'provider',
      labels: ['aws'],
      body: { region, ignore_tags: [{ keys: spec.others.tagKeys }] },
      attributeComments: { 'ignore_tags.keys': OTHER_TAGS },
    },
    call('store', { ...valuesOf(differing), access_key_generations, ...sealed }),
    ...handedOn(blocks),
  ])
  // By itself: who pastes the call wants one bucket.
  const again = printBlocks([call('another_store', { ...valuesOf(required), bucket_name: other, ...sealed })])
  const forAnother = `

For another project, call it again. Every name comes from the name of the bucket, and in Valohai each bucket is a store of its own; hand it out with an \`output\` like the first one's:

${fence(again.trimEnd(), 'hcl')}`
  return `A module has no provider and no backend. Call it from a configuration of your own, whose AWS provider works in ${code(region)}. ${listed(required.map(({ name }) => code(name)))} ${required.length === 1 ? 'alone is' : 'are'} required:

${fence(example.trimEnd(), 'hcl')}

Where your configuration has no \`.gitignore\` yet, write this one:

${fence(IGNORED.join('\n'), 'gitignore')}

${APPLY}

In Valohai, it is the data store ${code(newStoreName(spec))}.${manageBucket ? forAnother : ''}`
}

/** What the steps after the apply read with `terraform output`: `connect` the whole, a person one by one. */
function handedOn(blocks: readonly HclBlock[]): HclBlock[] {
  const names = ['access_key_id', 'secret_access_key', 'encrypted_secret_access_key', 'multipart_role_arn']
  const whole: HclBlock = {
    type: 'output',
    labels: ['store'],
    body: { value: '${module.store}', sensitive: true },
  }
  const each = blocks
    .filter(({ type, labels: [name = ''] }) => type === 'output' && names.includes(name))
    .map(({ type, labels, body: { sensitive } }) => ({
      type,
      labels,
      body: { value: `\${module.store.${labels[0] ?? ''}}`, ...(sensitive === true && { sensitive }) },
    }))
  return [whole, ...each]
}
