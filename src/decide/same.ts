import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject, type JsonValue } from '../store/json'

/**
 * Whether two statements or rules say the same. AWS and Terraform write what is not set in several ways, one by
 * itself for a list of one, and lists of words in any order.
 */
export function saySame(one: JsonValue, other: JsonValue): boolean {
  return isDeepStrictEqual(canonical(one), canonical(other))
}

function canonical(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map(canonical)
    if (items.length === 1) return items[0] ?? null
    return items.every((item) => typeof item === 'string') ? [...items].sort() : items
  }
  if (!isObject(value)) return value
  const fields = Object.entries(value).map(([key, field]): [string, JsonValue] => [key, canonical(field)])
  const set = Object.fromEntries(fields.filter(([, field]) => !isUnset(field)))
  return isEverybody(set) ? '*' : set
}

const isUnset = (value: JsonValue): boolean =>
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** A principal of everybody, in its longer form. */
const isEverybody = (value: JsonObject): boolean => isDeepStrictEqual(value, { AWS: '*' })
