import { Construct } from 'constructs'
import { IamAccessKey } from '@cdktf/provider-aws/lib/iam-access-key'
import { IamRole } from '@cdktf/provider-aws/lib/iam-role'
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy'
import { IamUser } from '@cdktf/provider-aws/lib/iam-user'
import { IamUserPolicy } from '@cdktf/provider-aws/lib/iam-user-policy'
import { address, comment, skip } from './comment'
import { keysAreInRegion } from './region-of-keys'
import { spread } from './spread'
import { multipartPolicy, multipartTrustPolicy, storeUserPolicy } from '../store/policies'
import type { StoreSpec } from '../store/spec'

const GROUP = 'A group would add nothing to a policy that one user has.'

interface IdentityProps {
  readonly spec: StoreSpec
  readonly name: string
  /** ARN of the bucket that the identity works with. */
  readonly bucketArn: string
}

export interface StoreUserProps extends IdentityProps {
  /** AWS partition: `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string
  /** Expression of the bucket's region. */
  readonly region: string
  /** Whether the values are beside the configuration, where a scanner reads them. */
  readonly isRoot: boolean
}

/** The IAM user that Valohai works as, with its policy and its access keys (guide, step 4). */
export class StoreUser extends Construct {
  public readonly user: IamUser

  constructor(
    scope: Construct,
    id: string,
    { spec, name, bucketArn, partition, region, isRoot }: StoreUserProps,
  ) {
    super(scope, id)

    this.user = address(new IamUser(this, 'user', { name, ...OF_IDENTITIES }), 'store')
    comment(
      this.user,
      'Guide, step 4: Valohai works as this user. It has an access key and no password, and reaches this bucket alone.',
    )

    skip(
      this.user,
      { checkov: 'CKV_AWS_273', reason: 'A data store of Valohai takes the access key of an IAM user.' },
      { trivy: 'AWS-0143', reason: GROUP },
    )

    const policy = address(
      new IamUserPolicy(this, 'policy', {
        name: 'valohai-store',
        user: this.user.name,
        policy: JSON.stringify(storeUserPolicy({ bucketArn, partition, ...grantedKeys(spec) })),
      }),
      'store',
    )
    const keys = keysOf(spec)
    if (keys.length > 0) policy.addOverride('lifecycle.precondition', keysAreInRegion(keys, region))
    comment(
      policy,
      "Guide, step 4: full access to this bucket, and the list of the account's buckets by name, nothing else.",
    )

    // Checkov finds it only where it can tell the user's name.
    if (isRoot) skip(policy, { checkov: 'CKV_AWS_40', reason: GROUP })

    const key = address(
      new IamAccessKey(this, 'access-key', {
        user: this.user.name,
        pgpKey: '${var.pgp_key}',
        lifecycle: { ignoreChanges: ['pgp_key', 'status'] },
      }),
      'store',
    )
    key.addOverride('for_each', '${var.access_key_generations}')
    comment(
      key,
      'Guide, step 4: the access key that Valohai holds, one for each generation. To rotate: add the next generation, move Valohai over, remove the old one.',
      {
        pgp_key: "With it, the state holds the key's secret encrypted only.",
        'lifecycle.ignore_changes':
          'The secret is encrypted once, when the key is made: another public key later must not replace the key. And a key that somebody deactivated, whatever their reason, is not activated again.',
      },
    )
  }
}

export interface MultipartRoleProps extends IdentityProps {
  /** The one principal that may assume the role. */
  readonly user: IamUser
}

/** The role for outputs over 5 GB (guide, step 5): Valohai hands its temporary credentials to the workers. */
export class MultipartRole extends Construct {
  public readonly role: IamRole

  constructor(scope: Construct, id: string, { spec, name, bucketArn, user }: MultipartRoleProps) {
    super(scope, id)

    this.role = address(
      new IamRole(this, 'role', {
        name,
        assumeRolePolicy: JSON.stringify(multipartTrustPolicy({ userArn: user.arn })),
        ...OF_IDENTITIES,
      }),
      'multipart',
    )
    this.role.addOverride('lifecycle.ignore_changes', ['description', 'max_session_duration'])
    this.role.addOverride('lifecycle.replace_triggered_by', ['aws_iam_user.store.unique_id'])
    comment(
      this.role,
      'Guide, step 5: workers upload outputs over 5 GB in parts, with temporary credentials of this role. The user above alone can assume it.',
      {
        'lifecycle.ignore_changes':
          'A role that people made keeps its own words and the length of its sessions.',
        'lifecycle.replace_triggered_by':
          'AWS turns a trust in a user that was deleted into one in a dead id, and would refuse a new user of the same name. So the role is recreated with the user.',
      },
    )

    const policy = address(
      new IamRolePolicy(this, 'policy', {
        name: 'valohai-multipart',
        role: this.role.id,
        policy: JSON.stringify(multipartPolicy({ bucketArn, ...grantedKeys(spec) })),
      }),
      'multipart',
    )
    comment(
      policy,
      "Guide, step 5: the guide's actions, and s3:GetBucketLocation, which Valohai came to need later. No deleting.",
    )
  }
}

/** What user and role have alike. */
const OF_IDENTITIES = {
  path: '${var.iam_path}',
  permissionsBoundary: '${var.permissions_boundary}',
  // A reference where a map is expected.
  tags: '${var.tags}' as unknown as Record<string, string>,
}

/** The KMS keys that user and role may use, and those that they may read with. */
function grantedKeys({ kmsKeyArn, kmsKeptKeyArns, kmsDecryptKeyArns }: StoreSpec) {
  return {
    kmsKeys: [
      ...(kmsKeyArn === undefined ? [] : ['${var.kms_key_arn}']),
      ...(kmsKeptKeyArns.length === 0 ? [] : [spread('var.kms_kept_key_arns')]),
    ],
    kmsDecryptKeys: kmsDecryptKeyArns.length === 0 ? [] : [spread('var.kms_decrypt_key_arns')],
  }
}

/** The lists of all KMS keys that the configuration is given, as expressions. */
function keysOf({ kmsKeyArn, kmsKeptKeyArns, kmsDecryptKeyArns }: StoreSpec): string[] {
  return [
    ...(kmsKeyArn === undefined ? [] : ['[var.kms_key_arn]']),
    ...(kmsKeptKeyArns.length === 0 ? [] : ['var.kms_kept_key_arns']),
    ...(kmsDecryptKeyArns.length === 0 ? [] : ['var.kms_decrypt_key_arns']),
  ]
}
