import {
  TerraformLocal,
  TerraformOutput,
  TerraformStack,
  TerraformVariable,
  type TerraformOutputConfig,
} from 'cdktf'
import { RootConstruct } from 'constructs'
import { StoreBucket } from './bucket'
import { MultipartRole, StoreUser } from './identities'
import { iamUserNameExpression, multipartRoleNameExpression } from '../store/names'
import { ORIGIN_OUTPUT, type OutputName } from '../store/outputs'
import { partsOf } from '../store/parts'
import type { StoreSpec } from '../store/spec'
import { type Variable, variablesOf } from './variables'

/**
 * The whole of what is made in AWS, in the order of the guide's steps. Only the stack makes variables,
 * locals and outputs; the constructs are given their references.
 */
export class StoreStack extends TerraformStack {
  /** @param isRoot whether the values are beside the configuration, the region among them */
  constructor(spec: StoreSpec, isRoot: boolean) {
    // No `App`: it makes an output directory wherever it is constructed, and validates that there are a
    // provider and a backend, which a module must not have. Nothing else of it is used here.
    super(new RootConstruct(), 'valohai-s3')

    for (const variable of variablesOf(spec, isRoot)) this.variable(variable)
    const userName = this.local('iam_user_name', givenOr('iam_user_name', iamUserNameExpression()))
    const roleName = spec.multipart
      ? this.local('multipart_role_name', givenOr('multipart_role_name', multipartRoleNameExpression()))
      : undefined
    const generation = this.local(
      'current_generation',
      `\${tostring(max(
  [for generation in var.access_key_generations : tonumber(generation)]...
))}`,
    )
    // A local: in the JSON form a policy is text, where an expression with quotes of its own would end it.
    const partition = this.local(
      'partition',
      `\${split(":", ${spec.manageBucket ? 'aws_s3_bucket' : 'aws_iam_user'}.store.arn)[1]}`,
    )

    const region = isRoot || !spec.manageBucket ? 'var.region' : 'aws_s3_bucket.store.region'
    const bucket = spec.manageBucket
      ? new StoreBucket(this, 'bucket', spec, region).bucket
      : // Of somebody else: nothing of it is in this configuration but its name.
        {
          id: '${var.bucket_name}',
          arn: `arn:${partition}:s3:::\${var.bucket_name}`,
          region: '${var.region}',
        }
    const bucketArn = bucket.arn
    const { user } = new StoreUser(this, 'user', {
      spec,
      name: userName,
      bucketArn,
      partition,
      region,
      isRoot,
    })
    const role =
      roleName === undefined
        ? undefined
        : new MultipartRole(this, 'multipart', { spec, name: roleName, bucketArn, user }).role

    this.output('bucket', { value: bucket.id, description: 'Name of the bucket.' })
    this.output('bucket_arn', { value: bucket.arn, description: 'ARN of the bucket.' })
    this.output('region', { value: bucket.region, description: 'AWS region of the bucket.' })
    this.output('iam_user_name', {
      value: user.name,
      description: 'Name of the IAM user that Valohai works as.',
    })
    this.output('iam_user_arn', {
      value: user.arn,
      description: 'ARN of the IAM user that Valohai works as.',
    })
    this.output('access_keys', {
      value: `\${{
  for generation, key in aws_iam_access_key.store :
  generation => { id = key.id, created = key.create_date }
}}`,
      description: 'Access key ids by generation, each with the time it was made.',
    })
    const current = `aws_iam_access_key.store[${generation.slice(2, -1)}]`
    this.output('access_key_id', {
      value: `\${${current}.id}`,
      description: 'Id of the current access key, the one of the highest generation.',
    })
    this.output('encrypted_secret_access_key', {
      value: `\${${current}.encrypted_secret}`,
      description:
        'Secret of the current access key, encrypted for pgp_key: base64 of an OpenPGP message. Null without pgp_key.',
    })
    this.output('secret_access_key', {
      value: `\${${current}.secret}`,
      description: 'Secret of the current access key. Null with pgp_key.',
      sensitive: true,
    })
    if (role !== undefined) {
      this.output('multipart_role_arn', {
        value: role.arn,
        description:
          'ARN of the role for outputs over 5 GB: the "Multipart Upload IAM Role ARN" of the store in Valohai.',
      })
    }
    if (spec.kmsKeyArn !== undefined) {
      this.output('kms_key_arn', {
        value: '${var.kms_key_arn}',
        description: 'ARN of the KMS key that objects are encrypted with.',
      })
    }
    if (partsOf(spec).cors) {
      const origin = this.output(ORIGIN_OUTPUT, {
        value: '${var.valohai_origin}',
        description: 'Origin that the CORS rules let upload.',
      })
      // Told only once the rules are so: the next run knows ours among others' by it.
      origin.addOverride('depends_on', ['aws_s3_bucket_cors_configuration.store'])
    }
  }

  // CDKTF fails on a default of `null`, and turns the keys of a map into snake case; it leaves overrides alone.
  private variable({ name, body }: Variable): void {
    const variable = new TerraformVariable(this, `variable-${name}`, {})
    variable.overrideLogicalId(name)
    for (const [key, value] of Object.entries(body)) variable.addOverride(key, value)
  }

  private local(name: string, expression: string): string {
    const local = new TerraformLocal(this, name, expression)
    local.overrideLogicalId(name)
    return `\${local.${name}}`
  }

  private output(name: OutputName, config: TerraformOutputConfig): TerraformOutput {
    const output = new TerraformOutput(this, `output-${name}`, config)
    output.overrideLogicalId(name)
    return output
  }
}

/** The name that a variable gives, else the one that is made from the bucket's; laid out as it is printed. */
function givenOr(variable: string, derived: string): string {
  return `\${coalesce(
  var.${variable},
  ${derived.replaceAll('\n', '\n  ')}
)}`
}
