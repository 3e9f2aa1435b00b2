import { UpdateAssumeRolePolicyCommand, type IAMClient } from '@aws-sdk/client-iam'
import {
  GetBucketCorsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  type CORSRule,
  type S3Client,
  type Tag,
} from '@aws-sdk/client-s3'
import type { StandInProject, StandInStore } from '../../support/valohai-stand-in'

/** What somebody has at hand who changes a store without us. */
export interface Hands {
  readonly s3: S3Client
  readonly iam: IAMClient
  readonly Bucket: string
  readonly UserName: string
  readonly RoleName: string
  /** The store in Valohai, to be changed. */
  readonly store: () => StandInStore
  readonly project: StandInProject
  /** All stores in Valohai, to be added to. */
  readonly stores: StandInStore[]
}

/** One thing that is changed by hand. */
export interface Drift {
  readonly what: string
  readonly change: (hands: Hands) => unknown
  /** What `check` finds then; nothing where it is not ours to set. */
  readonly says: readonly RegExp[]
  /** How a person ends what `apply` leaves to people. */
  readonly undo?: (hands: Hands) => unknown
}

interface Statement {
  readonly Sid?: string
  readonly [key: string]: unknown
}

export async function changeStatements(
  { s3, Bucket }: Hands,
  change: (statements: readonly Statement[]) => readonly Statement[],
): Promise<void> {
  const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }))
  const { Version, Statement } = JSON.parse(Policy) as { Version: string; Statement: Statement[] }
  const changed = JSON.stringify({ Version, Statement: change(Statement) })
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: changed }))
}

export async function changeRules(
  { s3, Bucket }: Hands,
  change: (rules: readonly CORSRule[]) => CORSRule[],
): Promise<void> {
  const { CORSRules = [] } = await s3.send(new GetBucketCorsCommand({ Bucket }))
  const CORSConfiguration = { CORSRules: change(CORSRules) }
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration }))
}

export async function changeTags(
  { s3, Bucket }: Hands,
  change: (tags: readonly Tag[]) => Tag[],
): Promise<void> {
  const { TagSet = [] } = await s3.send(new GetBucketTaggingCommand({ Bucket }))
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: change(TagSet) } }))
}

export const trust = ({ iam, RoleName }: Hands, ...AWS: string[]): Promise<unknown> => {
  const Statement = [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }]
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  return iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
}

export const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
})

export const held = ({ store }: Hands): string => String(store().configuration.access_key_id)
