import { Construct } from 'constructs'
import { IamRole } from '@cdktf/provider-aws/lib/iam-role'
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy'
import type { IamUser } from '@cdktf/provider-aws/lib/iam-user'
import { address, comment } from './comment'
import { multipartPolicy, multipartTrustPolicy } from '../store/policies'

export interface MultipartRoleProps {
  readonly roleName: string
  /** The one principal that may assume the role. */
  readonly user: IamUser
  readonly bucketArn: string
  /** ARN of the KMS key that encrypts the bucket's objects. @default - SSE-S3 */
  readonly kmsKeyArn?: string | undefined
  readonly tags: Record<string, string>
}

/** The role for outputs over 5 GB (guide, step 5): Valohai hands its temporary credentials to the workers. */
export class MultipartRole extends Construct {
  public readonly role: IamRole

  constructor(scope: Construct, id: string, props: MultipartRoleProps) {
    super(scope, id)

    this.role = address(
      new IamRole(this, 'role', {
        name: props.roleName,
        assumeRolePolicy: JSON.stringify(multipartTrustPolicy({ userArn: props.user.arn })),
        tags: props.tags,
      }),
      'multipart',
    )
    this.role.addOverride('lifecycle.replace_triggered_by', ['aws_iam_user.store.unique_id'])
    comment(
      this.role,
      'Guide, step 5: workers upload outputs over 5 GB in parts, with temporary credentials of this role. The user above alone can assume it.',
      {
        'lifecycle.replace_triggered_by':
          'AWS turns a trust in a user that was deleted into one in a dead id, and would refuse a new user of the same name. So the role is made anew with the user.',
      },
    )

    const policy = address(
      new IamRolePolicy(this, 'policy', {
        name: 'valohai-multipart',
        role: this.role.id,
        policy: JSON.stringify(multipartPolicy(props)),
      }),
      'multipart',
    )
    comment(
      policy,
      "Guide, step 5: the guide's actions, and s3:GetBucketLocation, which Valohai came to need later. No deleting.",
    )
  }
}
