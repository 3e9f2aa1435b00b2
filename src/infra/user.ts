import { Construct } from 'constructs'
import { IamAccessKey } from '@cdktf/provider-aws/lib/iam-access-key'
import { IamUser } from '@cdktf/provider-aws/lib/iam-user'
import { IamUserPolicy } from '@cdktf/provider-aws/lib/iam-user-policy'
import { address, comment } from './comment'
import { storeUserPolicy } from '../store/policies'

export interface StoreUserProps {
  readonly userName: string
  /** ARN of the bucket that the user has full access to. */
  readonly bucketArn: string
  /** AWS partition: `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string
  /** ARN of the KMS key that encrypts the bucket's objects. @default - SSE-S3 */
  readonly kmsKeyArn?: string | undefined
  /** Reference to the set of generations: one access key for each. */
  readonly accessKeyGenerations: string
  /** Base64 of the binary OpenPGP public key that the secrets are encrypted for. */
  readonly pgpKey: string
  readonly tags: Record<string, string>
}

/** The IAM user that Valohai works as, with its policy and its access keys (guide, step 4). */
export class StoreUser extends Construct {
  public readonly user: IamUser

  constructor(scope: Construct, id: string, props: StoreUserProps) {
    super(scope, id)

    this.user = address(new IamUser(this, 'user', { name: props.userName, tags: props.tags }), 'store')
    comment(
      this.user,
      'Guide, step 4: Valohai works as this user. It has an access key and no password, and reaches this bucket alone.',
    )

    const policy = address(
      new IamUserPolicy(this, 'policy', {
        name: 'valohai-store',
        user: this.user.name,
        policy: JSON.stringify(storeUserPolicy(props)),
      }),
      'store',
    )
    comment(
      policy,
      "Guide, step 4: full access to this bucket, and the list of the account's buckets by name, nothing else.",
    )

    const key = address(
      new IamAccessKey(this, 'access-key', {
        user: this.user.name,
        pgpKey: props.pgpKey,
        lifecycle: { ignoreChanges: ['pgp_key'] },
      }),
      'store',
    )
    key.addOverride('for_each', props.accessKeyGenerations)
    comment(
      key,
      'Guide, step 4: the access key that Valohai holds, one for each generation. To rotate: add the next generation, move Valohai over, remove the old one.',
      {
        pgp_key: "With it, the state holds the key's secret encrypted only.",
        'lifecycle.ignore_changes':
          'The secret is encrypted once, when the key is made: another public key later must not replace the key.',
      },
    )
  }
}
