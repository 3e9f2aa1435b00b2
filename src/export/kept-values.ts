import { isObject, type JsonObject, type JsonValue } from '../store/json'
import { isPublicKeyOfRun } from '../store/names'
import type { StoreSpec } from '../store/spec'
import { VALUES_FILE } from '../infra/synthesize'
import { everyVariable } from '../infra/variables'

/** What a file of values has that no option gives: runs and people put it there, and an export keeps it. */
export interface Kept {
  /** The store as it is asked for, with what stands in the file. */
  readonly spec: StoreSpec
  /** Values that are of no spec, by the names of their variables. */
  readonly own: Readonly<Record<string, JsonValue>>
}

/** Variables whose values are kept; of `permissions_boundary` only where no option gives one. */
const KEPT = [
  'access_key_generations',
  'pgp_key',
  'permissions_boundary',
  'bucket_key_enabled',
  'kms_kept_key_arns',
  'kms_decrypt_key_arns',
  'other_policy_statements',
  'other_cors_rules',
  'other_lifecycle_rules',
  'other_tag_keys',
]

/**
 * Adds to a spec what the values of an earlier export of the same bucket have beside what the options say. An
 * earlier `kms_key_arn` becomes one of those that are granted for reading.
 *
 * @param text the file as it is there; `undefined` without one
 * @returns `undefined` where the file is of another bucket, or cannot be read: then nothing of it is kept
 */
export function keptValues(spec: StoreSpec, text: string | undefined): Kept | undefined {
  const values = valuesIn(text)
  if (values?.bucket_name !== spec.bucketName) return undefined
  const { access_key_generations: generations, pgp_key: publicKey } = values
  const isAsBefore = (spec.kmsKeyArn === undefined) === !('kms_key_arn' in values)
  const ofOthers = Object.entries(values).filter(([name]) => !everyVariable(spec).includes(name))
  const kept = strings(values.kms_kept_key_arns).filter((arn) => arn !== spec.kmsKeyArn)
  const earlier = [
    ...spec.kmsDecryptKeyArns,
    ...strings(values.kms_decrypt_key_arns),
    ...strings([values.kms_key_arn]),
  ]
  return {
    spec: {
      ...spec,
      kmsKeptKeyArns: kept,
      kmsDecryptKeyArns: [...new Set(earlier)].filter((arn) => arn !== spec.kmsKeyArn && !kept.includes(arn)),
      others: {
        ...spec.others,
        permissionsBoundary: strings([values.permissions_boundary])[0],
        bucketKeyEnabled:
          isAsBefore && typeof values.bucket_key_enabled === 'boolean'
            ? values.bucket_key_enabled
            : undefined,
        policyStatements: objects(values.other_policy_statements),
        corsRules: objects(values.other_cors_rules),
        lifecycleRules: objects(values.other_lifecycle_rules),
        tagKeys: strings(values.other_tag_keys),
      },
    },
    own: {
      ...(generations !== undefined && { access_key_generations: generations }),
      // A run's own is thrown away with the run: nobody could read what is sealed for it.
      ...(publicKey !== undefined &&
        !(typeof publicKey === 'string' && isPublicKeyOfRun(publicKey)) && { pgp_key: publicKey }),
      ...Object.fromEntries(ofOthers),
    },
  }
}

/**
 * The part of a file that an export does not keep, as text to compare; of any other file than that of values, and of
 * values of another bucket, all.
 *
 * @param next.next the file of values as it is to be
 */
export function losablePart(
  name: string,
  text: string,
  { spec, next }: { readonly spec: StoreSpec; readonly next: string | undefined },
): string {
  const values = name === VALUES_FILE ? valuesIn(text) : undefined
  const placed = valuesIn(next) ?? {}
  if (values === undefined || values.bucket_name !== placed.bucket_name) return text
  // Others' rules have no place where the part of the bucket is left out that they belong to.
  const isLost = (one: string): boolean =>
    !KEPT.includes(one) || (one.startsWith('other_') && !(one in placed) && list(values[one]).length > 0)
  const names = everyVariable(spec).filter((one) => one in values && isLost(one))
  return JSON.stringify(names.map((one) => [one, values[one]]))
}

/** The values that a file has; `undefined` where they cannot be read. */
export function valuesIn(text: string | undefined): JsonObject | undefined {
  try {
    // Editors of Windows write a mark at the beginning.
    const values = JSON.parse((text ?? 'null').replace(/^\uFEFF/, '')) as JsonValue
    return isObject(values) ? values : undefined
  } catch {
    return undefined
  }
}

const list = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : []

const strings = (value: readonly (JsonValue | undefined)[] | JsonValue | undefined): string[] =>
  list(value as JsonValue).filter((one) => typeof one === 'string')

const objects = (value: JsonValue | undefined): JsonObject[] => list(value).filter(isObject)
