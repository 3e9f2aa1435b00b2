import { isDeepStrictEqual } from 'node:util'
import type { JsonValue } from '../store/json'
import { keyAddress } from '../store/names'
import type { Finding, Looked, Part } from './findings'
import { untrustedUser } from './findings-role'
import type { Action, ChangedValue, PlannedChange } from './plan'

/** What each type of resource is to a person. */
const NAMES: Readonly<Record<string, string>> = {
  aws_s3_bucket: 'Bucket',
  aws_s3_bucket_public_access_block: 'Public access block',
  aws_s3_bucket_ownership_controls: 'Object ownership',
  aws_s3_bucket_server_side_encryption_configuration: 'Encryption',
  aws_s3_bucket_policy: 'Bucket policy',
  aws_s3_bucket_cors_configuration: 'CORS rules',
  aws_s3_bucket_lifecycle_configuration: 'Lifecycle rules',
  aws_s3_bucket_versioning: 'Versioning',
  aws_iam_user: 'IAM user',
  aws_iam_user_policy: 'Policy of the user',
  aws_iam_access_key: 'Access key',
  aws_iam_role: 'Role for outputs over 5 GB',
  aws_iam_role_policy: 'Policy of the role',
}

/** What is wrong where a plan would do something; what changes nothing in the world is nothing wrong. */
const WORDS: Readonly<Partial<Record<Action, Readonly<Record<'what' | 'is' | 'should' | 'fix', string>>>>> = {
  create: {
    what: 'missing',
    is: 'missing',
    should: 'there, as it was asked for',
    fix: 'Run `apply`: it is made.',
  },
  update: { what: 'changed', is: '', should: '', fix: 'Run `apply`: it is put back.' },
  replace: {
    what: 'to be replaced',
    is: 'there, and cannot be changed in place',
    should: 'made again, as it was asked for',
    fix: 'Look at `plan`, then run `apply`.',
  },
  delete: {
    what: 'no longer asked for',
    is: 'there',
    should: 'gone',
    fix: 'Run `apply`: it is removed.',
  },
  import: {
    what: 'not in the state',
    is: 'in AWS alone',
    should: 'in the state too',
    fix: 'Run `apply`: it is imported.',
  },
  forget: {
    what: 'switched off',
    is: 'in the state',
    should: 'left as it is, and not in the state',
    fix: 'Run `apply`: Terraform forgets it.',
  },
}

/** What `apply` would change in AWS. Keys are told of as such, not by what Terraform does to them. */
export function findingsOfPlan(looked: Looked): Part {
  const { plan, values = [] } = looked
  const findings = (plan?.changes ?? [])
    .filter((change) => !isToldElsewhere(change, looked))
    .flatMap((change) => findingOf(change, values))
  return { findings }
}

function findingOf({ address, type, action }: PlannedChange, values: readonly ChangedValue[]): Finding[] {
  const words = WORDS[action]
  if (words === undefined) return []
  const { what, fix } = words
  const changed = values.filter((value) => value.address === address)
  const list = (side: 'before' | 'after'): string =>
    changed
      .map((value) => {
        const isLater = side === 'after' && value.isKnownLater === true
        return `${value.attribute} = ${isLater ? 'known once it is made' : shown(value[side])}`
      })
      .join('; ')
  const hasValues = action === 'update' && changed.length > 0
  return [
    {
      what: `${NAMES[type] ?? type}: ${what}`,
      where: address,
      is: hasValues ? list('before') : words.is || 'changed',
      should: hasValues ? list('after') : words.should || 'as it was asked for',
      fix,
    },
  ]
}

/** A value in one line. Documents are texts of JSON, and read better as such; of blocks, only what is set. */
function shown(value: JsonValue): string {
  if (value === null) return 'not set'
  if (typeof value === 'string') return value
  return JSON.stringify(value, (key, member: JsonValue) =>
    /\D/.test(key) && UNSET.has(JSON.stringify(member)) ? undefined : member,
  )
}

/** What the provider shows of an attribute that nobody set, as JSON. */
const UNSET: ReadonlySet<string> = new Set(['null', '""', '[]', '{}'])

function isToldElsewhere({ address, type, action }: PlannedChange, looked: Looked): boolean {
  const { decision, values = [] } = looked
  if (type === 'aws_iam_access_key') return isToldAsKey(address, action, looked)
  if (type !== 'aws_iam_role' || untrustedUser(looked) === undefined) return false
  const attributes = values.filter((value) => value.address === address).map(({ attribute }) => attribute)
  return decision !== undefined && isDeepStrictEqual(attributes, ['assume_role_policy'])
}

/** A new key is made for a reason, for which another may have to give way; else one goes because of what it is. */
function isToldAsKey(address: string, action: Action, { decision }: Looked): boolean {
  if (decision?.store?.newKey === true) return true
  if (action !== 'delete') return false
  return (
    decision?.keyring.keys.some(
      ({ generation, fate }) =>
        address === keyAddress(generation ?? '') && (fate === 'due' || fate === 'unused'),
    ) === true
  )
}
