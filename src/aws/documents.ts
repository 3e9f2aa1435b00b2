import type { CORSRule, LifecycleRule, LifecycleRuleFilter } from '@aws-sdk/client-s3'
import type { Tags } from '../decide/observed'
import type { JsonObject, JsonValue } from '../store/json'

/** Tags as AWS lists them. */
export function tagsOf(
  list: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = [],
): Tags {
  return Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]))
}

/** The statements of a policy; AWS takes one by itself in place of a list. */
export function statementsOf(policy: string | undefined): JsonObject[] {
  if (policy === undefined || policy === '') return []
  const { Statement = [] } = JSON.parse(policy) as { Statement?: JsonObject | JsonObject[] }
  return [Statement].flat()
}

/** A CORS rule of S3 as the AWS provider has it. */
export function corsRule(rule: CORSRule): JsonObject {
  return defined({
    // What the provider says for none, so that a plan shows the rule as it is.
    id: rule.ID ?? '',
    allowed_headers: rule.AllowedHeaders,
    allowed_methods: rule.AllowedMethods,
    allowed_origins: rule.AllowedOrigins,
    expose_headers: rule.ExposeHeaders,
    max_age_seconds: rule.MaxAgeSeconds ?? 0,
  })
}

/** A lifecycle rule of S3 as the AWS provider has it. */
export function lifecycleRule(rule: LifecycleRule): JsonObject {
  const { Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload, Filter } = rule
  return defined({
    id: rule.ID,
    status: rule.Status,
    // S3 gives what was written before there were filters back as it was.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- others' rules may have it
    prefix: Filter === undefined ? rule.Prefix : undefined,
    filter: Filter && lifecycleFilter(Filter),
    expiration:
      Expiration &&
      defined({
        date: timeOf(Expiration.Date),
        days: Expiration.Days,
        expired_object_delete_marker: Expiration.ExpiredObjectDeleteMarker,
      }),
    transition: rule.Transitions?.map(({ Date: date, Days, StorageClass }) =>
      defined({ date: timeOf(date), days: Days, storage_class: StorageClass }),
    ),
    noncurrent_version_expiration:
      NoncurrentVersionExpiration &&
      defined({
        newer_noncurrent_versions: NoncurrentVersionExpiration.NewerNoncurrentVersions,
        noncurrent_days: NoncurrentVersionExpiration.NoncurrentDays,
      }),
    noncurrent_version_transition: rule.NoncurrentVersionTransitions?.map((transition) =>
      defined({
        newer_noncurrent_versions: transition.NewerNoncurrentVersions,
        noncurrent_days: transition.NoncurrentDays,
        storage_class: transition.StorageClass,
      }),
    ),
    abort_incomplete_multipart_upload:
      AbortIncompleteMultipartUpload &&
      defined({ days_after_initiation: AbortIncompleteMultipartUpload.DaysAfterInitiation }),
  })
}

function lifecycleFilter({ And, Tag, ...filter }: LifecycleRuleFilter): JsonObject {
  return defined({
    ...bounds(filter),
    tag: Tag && defined({ key: Tag.Key, value: Tag.Value }),
    and: And && defined({ ...bounds(And), tags: And.Tags && tagsOf(And.Tags) }),
  })
}

const bounds = ({ Prefix, ObjectSizeGreaterThan, ObjectSizeLessThan }: LifecycleRuleFilter) => ({
  prefix: Prefix,
  object_size_greater_than: ObjectSizeGreaterThan,
  object_size_less_than: ObjectSizeLessThan,
})

/** As Terraform writes times. */
const timeOf = (date: Date | undefined): string | undefined => date?.toISOString().replace('.000Z', 'Z')

/** Without what is not set. */
function defined(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  )
}
