import { newStoreName, roleName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import type { Observed, StackState, Store } from './observed'

/** Fields of a store that hold no secret, under the API's names. */
export type StoreField =
  'name' | 'access_mode' | 'bucket' | 'region' | 'multipart_upload_iam_role' | 'kms_key_arn'

/** Fields that can be changed without the secret. */
export const PLAIN_FIELDS: readonly StoreField[] = ['name', 'access_mode']

/** What our store has to be. */
export interface DesiredStore {
  /** 64 characters at most. */
  readonly name: string
  readonly bucket: string
  /** AWS region code. */
  readonly region: string
  readonly accessKeyId: string
  /** Whether all projects of the owner may use it. A wider store is never narrowed. */
  readonly access: StoreSpec['storeAccess']
  /** Role for outputs over 5 GB (guide, step 5). */
  readonly multipartRoleArn?: string
  readonly kmsKeyArn?: string
}

/** Valohai's store as it has to be, by what stands in AWS. */
export function desiredStore(
  spec: StoreSpec,
  { role, store, accessKeyId }: { role: StackState['role']; store: Store | undefined; accessKeyId: string },
): DesiredStore {
  return {
    // People rename stores, and valohai.yaml files name them.
    name: spec.storeName ?? store?.name ?? newStoreName(spec),
    bucket: spec.bucketName,
    region: spec.region,
    accessKeyId,
    access: spec.storeAccess,
    ...(spec.multipart && role !== undefined ? { multipartRoleArn: role.arn } : {}),
    ...(spec.kmsKeyArn === undefined ? {} : { kmsKeyArn: spec.kmsKeyArn }),
  }
}

/**
 * Which fields of the store are not as desired. What the API hides is not counted: unknown is no
 * difference. A role or a KMS key that is no longer desired is one, as Valohai would go on using it.
 */
export function differences(store: Store, desired: Omit<DesiredStore, 'accessKeyId'>): StoreField[] {
  const widens = desired.access === 'organization' && !isShared(store)
  const pairs: [StoreField, string | undefined, string][] = [
    ['name', store.name, desired.name],
    ['bucket', store.bucket, desired.bucket],
    ['region', store.region, desired.region],
    ['multipart_upload_iam_role', store.multipartRoleArn, desired.multipartRoleArn ?? ''],
    ['kms_key_arn', store.kmsKeyArn, desired.kmsKeyArn ?? ''],
  ]
  const fields = pairs.flatMap(([field, is, wanted]) => (is === undefined || is === wanted ? [] : [field]))
  return widens ? [...fields, 'access_mode'] : fields
}

/** Whether the API tells what the field holds. */
export function isShown({ bucket, region, multipartRoleArn, kmsKeyArn }: Store, field: StoreField): boolean {
  const values: Partial<Record<StoreField, string | undefined>> = {
    bucket,
    region,
    multipart_upload_iam_role: multipartRoleArn,
    kms_key_arn: kmsKeyArn,
  }
  return values[field] !== undefined
}

/** Whether every project of the store's owner may use it, or more. Not told counts as not. */
export function isShared({ access }: Store): boolean {
  return access.access_mode === 'owner_organization' || access.access_mode === 'public'
}

/** The same before anything is applied, when a role that is to come has no ARN yet. */
export function plannedDifferences(
  store: Store,
  spec: StoreSpec,
  { state, existing }: Pick<Observed, 'state' | 'existing'>,
): StoreField[] {
  // One that is imported is there already.
  const role = state.role ?? (existing.role && { name: roleName(spec), arn: existing.role.arn })
  const fields = differences(store, desiredStore(spec, { role, store, accessKeyId: '' }))
  const roleComes = spec.multipart && role?.name !== roleName(spec)
  return roleComes ? [...new Set<StoreField>([...fields, 'multipart_upload_iam_role'])] : fields
}
