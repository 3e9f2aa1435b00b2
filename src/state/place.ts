import type { ObjectCannedACL, ServerSideEncryption } from '@aws-sdk/client-s3'
import type { S3Backend } from '../config'
import type { Account } from '../decide/observed'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the state is, and how this process's own requests for it are made: as Terraform makes those of its backend. */
export interface StatePlace {
  readonly bucket: string
  /** Key of the state; the locks have the same key and a suffix. */
  readonly key: string
  readonly client: {
    readonly region: string
    /** Account that the bucket must be of. */
    readonly owner: string
    readonly profile?: string
    readonly forcePathStyle?: boolean
    readonly useFipsEndpoint?: boolean
    readonly useDualstackEndpoint?: boolean
  }
  /** What a request for an object carries: the customer's own key, where there is one. */
  readonly reading: { readonly SSECustomerAlgorithm?: string; readonly SSECustomerKey?: string }
  /** What a request that writes an object carries. */
  readonly writing: StatePlace['reading'] & {
    readonly ServerSideEncryption?: ServerSideEncryption
    readonly SSEKMSKeyId?: string
    readonly ACL?: ObjectCannedACL
  }
}

/** Settings of the S3 backend that our own requests follow, or that change none of them. */
const FOLLOWED = [
  'acl',
  'encrypt',
  'kms_key_id',
  'profile',
  'use_dualstack_endpoint',
  'use_fips_endpoint',
  'use_lockfile',
  'use_path_style',
]

/** Whether the state can be read with the AWS SDK; otherwise only Terraform knows how. */
export function isPlain({ extra }: S3Backend): boolean {
  return Object.keys(extra).every((name) => FOLLOWED.includes(name))
}

/**
 * The place of a state in S3.
 *
 * @param account whose bucket it is, where `state-bucket-owner` names no other
 * @param environment has the customer's own key, if any (`AWS_SSE_CUSTOMER_KEY`), as the backend reads it there
 */
export function statePlace(
  { bucket, key, region, owner, extra }: S3Backend,
  account: Account,
  { AWS_SSE_CUSTOMER_KEY: customerKey = '' }: Environment,
): StatePlace {
  const { acl, profile, kms_key_id: kmsKey, encrypt = 'true' } = extra
  const isOn = (text: string | undefined): boolean => text === 'true' || text === '1'
  const isEncrypted = isOn(encrypt)
  const reading: StatePlace['reading'] =
    isEncrypted && customerKey !== '' ? { SSECustomerAlgorithm: 'AES256', SSECustomerKey: customerKey } : {}
  const encryption = (): Omit<StatePlace['writing'], 'ACL'> => {
    if (!isEncrypted) return {}
    if (kmsKey !== undefined) return { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKey }
    return customerKey === '' ? { ServerSideEncryption: 'AES256' } : reading
  }
  return {
    bucket,
    key,
    client: {
      region,
      owner: owner ?? account.id,
      ...(profile === undefined ? {} : { profile }),
      ...(isOn(extra.use_path_style) && { forcePathStyle: true }),
      ...(isOn(extra.use_fips_endpoint) && { useFipsEndpoint: true }),
      ...(isOn(extra.use_dualstack_endpoint) && { useDualstackEndpoint: true }),
    },
    reading,
    // The S3 backend's type of this setting is a text; S3 says which ones there are.
    writing: { ...encryption(), ...(acl === undefined ? {} : { ACL: acl as ObjectCannedACL }) },
  }
}
