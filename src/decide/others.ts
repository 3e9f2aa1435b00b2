import { isOfState, LIFECYCLE_RULES, STATE_TAG } from '../store/names'
import { bucketPolicy } from '../store/policies'
import type { JsonObject } from '../store/json'
import { ABORT_DAYS, type StoreSpec } from '../store/spec'
import type { ExistingBucket, Observed } from './observed'
import { saySame } from './same'

type Seen = Pick<Observed, 'state' | 'existing'>

/** What a store is with what others set beside ours. */
export interface WithOthers extends Pick<StoreSpec, 'others' | 'abortMultipartDays'> {
  /** What bears one of our names and is not ours, in sentences. */
  readonly refused: readonly string[]
}

/**
 * What others set on bucket, user and role, so that it is kept: statements, rules and tags beside ours, and what
 * is there in its own words.
 *
 * In a document that the state holds, ours is what bears our names, whatever its text: another text is drift. In one
 * that it lacks, ours is the very text alone.
 */
export function withOthers(spec: StoreSpec, seen: Seen): WithOthers {
  const { state, existing } = seen
  const { bucket } = existing
  const tagKeys = keysOfTags(spec, seen)
  const permissionsBoundary =
    spec.permissionsBoundary ?? (existing.user ?? existing.role)?.permissionsBoundary
  const none = { ...spec.others, tagKeys, permissionsBoundary }
  if (bucket === undefined) return { others: none, abortMultipartDays: spec.abortMultipartDays, refused: [] }

  const holds = (type: string): boolean =>
    isOfState(spec, bucket.tags) || state.settings.includes(`aws_s3_bucket_${type}`)
  const statements = apart(bucket.policyStatements, statementsOfOurs(bucket, seen), 'Sid', holds('policy'))
  const lifecycle = apart(bucket.lifecycleRules, rulesOfOurs(spec), 'id', holds('lifecycle_configuration'))
  const origins = ['*', spec.valohaiOrigin, ...(state.origin === undefined ? [] : [state.origin])]
  const corsRules = bucket.corsRules.filter((rule) => !isOfGuide(rule, origins))

  const ids = [...state.lifecycleRuleIds, ...lifecycle.ours.map(({ id }) => id)]
  const aborts = ids.includes(LIFECYCLE_RULES.abort) || lifecycle.others.length === 0
  const abortMultipartDays = spec.abortMultipartDays ?? (aborts ? undefined : 0)
  // With no rule of ours the whole setting is theirs, and left alone; once the state holds it, it stays.
  const isOneSetting =
    abortMultipartDays !== 0 ||
    (spec.versioning && spec.noncurrentDays > 0) ||
    state.settings.includes('aws_s3_bucket_lifecycle_configuration')
  return {
    abortMultipartDays,
    others: {
      ...none,
      bucketKeyEnabled: otherBucketKey(spec, bucket),
      policyStatements: statements.others,
      corsRules,
      lifecycleRules: isOneSetting ? lifecycle.others : [],
      lifecycleRulesComeFirst: isOneSetting && lifecycle.others.includes(bucket.lifecycleRules[0] ?? {}),
    },
    refused: [
      ...statements.refused.map((name) => `The statement ${name} of the policy of ${spec.bucketName}`),
      ...(abortMultipartDays === 0 ? [] : lifecycle.refused).map(
        (name) => `The lifecycle rule ${name} of ${spec.bucketName}`,
      ),
    ].map((what) => `${what} has another text than ours of that name. Give it another name there.`),
  }
}

/** Whether it has a bucket key, where that is not as ours is: with a KMS key alone. */
function otherBucketKey(
  { kmsKeyArn }: StoreSpec,
  { kmsKeyArn: there, bucketKeyEnabled }: ExistingBucket,
): boolean | undefined {
  return there === kmsKeyArn && bucketKeyEnabled !== (kmsKeyArn !== undefined) ? bucketKeyEnabled : undefined
}

interface Apart {
  readonly ours: readonly JsonObject[]
  readonly others: readonly JsonObject[]
  /** Names of ours that something else bears. */
  readonly refused: readonly string[]
}

/** Tells ours from others', in the order that AWS shows. */
function apart(
  found: readonly JsonObject[],
  ours: readonly JsonObject[],
  name: 'Sid' | 'id',
  isHeld: boolean,
): Apart {
  const named = (item: JsonObject): JsonObject | undefined => ours.find((one) => one[name] === item[name])
  const isOurs = (item: JsonObject): boolean => {
    const own = named(item)
    return own !== undefined && (isHeld || saySame(own, item))
  }
  const others = found.filter((item) => !isOurs(item))
  return {
    ours: found.filter(isOurs),
    others,
    refused: ours
      .map((one) => one[name])
      .filter((own): own is string => others.some((item) => item[name] === own)),
  }
}

function statementsOfOurs({ arn: bucketArn }: ExistingBucket, { state, existing }: Seen): JsonObject[] {
  const userArn = (state.user ?? existing.user)?.arn ?? ''
  return [...bucketPolicy({ bucketArn, userArn, denyReconfiguration: true }).Statement] as JsonObject[]
}

function rulesOfOurs({ abortMultipartDays = ABORT_DAYS, noncurrentDays }: StoreSpec): JsonObject[] {
  return [
    {
      id: LIFECYCLE_RULES.abort,
      status: 'Enabled',
      abort_incomplete_multipart_upload: { days_after_initiation: abortMultipartDays },
    },
    {
      id: LIFECYCLE_RULES.expire,
      status: 'Enabled',
      noncurrent_version_expiration: { noncurrent_days: noncurrentDays },
    },
  ]
}

/** Whether a CORS rule is one of the guide's (step 3), which carry no id: of this form, and for one of these origins. */
function isOfGuide(rule: JsonObject, origins: readonly string[]): boolean {
  const form = { allowed_headers: 'Authorization', max_age_seconds: 3000 }
  const [all, ...own] = origins
  const rules = [
    { ...form, allowed_methods: 'GET', allowed_origins: all ?? '*' },
    ...own.map((origin) => ({ ...form, allowed_methods: 'POST', allowed_origins: origin })),
  ]
  return rules.some((one) => saySame(one, rule))
}

/**
 * Keys of tags that are not ours to set: what was seen, less ours, those asked for, and what the state has with the
 * same value, which was asked for before.
 */
function keysOfTags(spec: StoreSpec, { state, existing }: Seen): string[] {
  const kinds = ['bucket', 'user', 'role'] as const
  const keys = kinds.flatMap((kind) =>
    Object.entries(existing[kind]?.tags ?? {})
      .filter(([key, value]) => state.tags[kind]?.[key] !== value)
      .map(([key]) => key),
  )
  const isOurs = (key: string): boolean => key === STATE_TAG || key in spec.tags || key.startsWith('aws:')
  return [...new Set(keys)].filter((key) => !isOurs(key)).sort()
}
