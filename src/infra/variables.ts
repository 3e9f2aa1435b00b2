import { TerraformVariable, type TerraformVariableConfig } from 'cdktf'
import { Construct } from 'constructs'
import { IAM_NAME, KMS_KEY_ARN } from '../store/names'
import type { StoreSpec } from '../store/spec'

/**
 * The values of the module. Each has the value asked for as its default, so that `bucket_name` alone is
 * required; a variable exists only where the structure that was chosen uses it.
 */
export class Variables extends Construct {
  public readonly bucketName: string
  public readonly kmsKeyArn: string | undefined
  public readonly valohaiOrigin: string | undefined
  public readonly abortMultipartDays: number | undefined
  public readonly accessKeyGenerations: string
  public readonly pgpKey: string
  public readonly tags: Record<string, string>

  constructor(scope: Construct, id: string, options: StoreSpec) {
    super(scope, id)

    this.bucketName = this.variable('bucket_name', {
      type: 'string',
      description: 'Name of the bucket. Unique in the whole AWS partition; no dots, which break TLS.',
      nullable: false,
      validation: [
        {
          condition: '${can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))}',
          errorMessage:
            'A bucket name has 3 to 63 characters: lower-case letters, digits and hyphens, with a letter or digit at both ends.',
        },
      ],
    }).stringValue

    if (options.cors) {
      this.valohaiOrigin = this.variable('valohai_origin', {
        type: 'string',
        description:
          "Origin of Valohai's web app, which may POST uploads to the bucket: scheme and host, no path.",
        default: options.valohaiOrigin,
        nullable: false,
        validation: [
          {
            condition: '${can(regex("^https?://[^/]+$", var.valohai_origin))}',
            errorMessage:
              'An origin is a scheme and a host, like https://app.valohai.com, without a path or a slash at the end.',
          },
        ],
      }).stringValue
    }

    this.iamName('iam_user_name', 'IAM user that Valohai works as', options.iamUserName)
    if (options.multipart) {
      this.iamName('multipart_role_name', 'role for outputs over 5 GB', options.multipartRoleName)
    }

    if (options.kmsKeyArn !== undefined) {
      this.kmsKeyArn = this.variable('kms_key_arn', {
        type: 'string',
        description:
          'ARN of the KMS key that encrypts the objects. Its key policy must let the account grant access through IAM.',
        default: options.kmsKeyArn,
        nullable: false,
        validation: [
          {
            condition: `\${can(regex(
  "${KMS_KEY_ARN}",
  var.kms_key_arn
))}`,
            errorMessage: "Give the key's own ARN (arn:aws:kms:…:key/…), not an alias or a bare id.",
          },
        ],
      }).stringValue
    }

    if (options.abortMultipartDays > 0) {
      this.abortMultipartDays = this.variable('abort_multipart_days', {
        type: 'number',
        description: 'Days after which an unfinished multipart upload is given up.',
        default: options.abortMultipartDays,
        nullable: false,
        validation: [
          {
            condition: `\${(
  var.abort_multipart_days >= 1 &&
  floor(var.abort_multipart_days) == var.abort_multipart_days
)}`,
            errorMessage: 'Give a whole number of days, 1 or more.',
          },
        ],
      }).numberValue
    }

    this.accessKeyGenerations = this.variable('access_key_generations', {
      type: 'set(string)',
      description:
        'Generations of the access key, as whole numbers: one key each, the highest is the current one. IAM allows two at a time.',
      default: ['1'],
      nullable: false,
      validation: [
        {
          condition: `\${(
  length(var.access_key_generations) >= 1 &&
  length(var.access_key_generations) <= 2 &&
  alltrue([
    for generation in var.access_key_generations :
    can(regex("^[1-9][0-9]*$", generation))
  ])
)}`,
          errorMessage:
            'Give one or two whole numbers from "1" up, like ["1"], or ["1", "2"] in the middle of a rotation.',
        },
      ],
    }).fqn

    this.pgpKey = this.variable('pgp_key', {
      type: 'string',
      description:
        "Base64 of your binary OpenPGP public key. With it the state holds the access key's secret encrypted only; without it in plain text.",
      default: null,
    }).stringValue

    this.tags = this.variable('tags', {
      type: 'map(string)',
      description: 'Tags of the bucket, the user and the role.',
      default: options.tags,
      nullable: false,
    }).value as Record<string, string>
  }

  private iamName(name: string, what: string, value: string | undefined): void {
    this.variable(name, {
      type: 'string',
      description: `Name of the ${what}. Where it is null, it is made from the bucket's name.`,
      default: value ?? null,
      validation: [
        {
          condition: `\${(
  var.${name} == null ||
  can(regex("${IAM_NAME}", var.${name}))
)}`,
          errorMessage: 'An IAM name has 1 to 64 characters: letters, digits and _+=,.@-',
        },
      ],
    })
  }

  // CDKTF fails on a default of `null`, and turns the keys of a map (`cost-center`) into snake case, so a
  // default comes as an override, which it leaves as it is.
  private variable(name: string, { default: value, ...config }: TerraformVariableConfig): TerraformVariable {
    const variable = new TerraformVariable(this, name, config)
    variable.overrideLogicalId(name)
    if (value !== undefined) variable.addOverride('default', value)
    return variable
  }
}
