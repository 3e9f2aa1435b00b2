import type { JsonValue } from '../store/json'
import type { StoreSpec } from '../store/spec'
import { synthesizeBlocks } from './synthesize'
import { valuesOf } from './variables'

/** Neither backend, provider nor language is anything that is asked of a resource. */
const ANYWHERE = {
  layout: 'root',
  format: 'json',
  backend: { type: 'local', settings: {} },
  awsProviderVersion: '',
} as const

/**
 * Tells what is asked of a resource, by its address without an instance key: its block as it is written, and the
 * values of the variables that this speaks of, directly or by a local. Unlike the values of a plan it is the same
 * before and after AWS has given out ARNs, and has nothing in it that only one run has: its public key, a key's
 * generation.
 */
export function askedOf(spec: StoreSpec): (address: string) => JsonValue {
  // Most runs change nothing, and ask for nothing.
  let asked: ReadonlyMap<string, JsonValue> | undefined
  return (address) => (asked ??= resourcesOf(spec)).get(address) ?? null
}

function resourcesOf(spec: StoreSpec): ReadonlyMap<string, JsonValue> {
  const blocks = synthesizeBlocks(spec, ANYWHERE).get('main') ?? []
  const locals = blocks.find(({ type }) => type === 'locals')?.body ?? {}
  const values = valuesOf(spec)
  return new Map(
    blocks
      .filter(({ type }) => type === 'resource')
      .map(({ labels, body }) => {
        const used = namesIn('local', body).map((name) => [name, locals[name] ?? null] as const)
        const variables = namesIn('var', { body, locals: Object.fromEntries(used) })
        return [
          labels.join('.'),
          {
            body,
            locals: Object.fromEntries(used),
            variables: Object.fromEntries(variables.map((name) => [name, values[name] ?? null])),
          },
        ]
      }),
  )
}

function namesIn(kind: 'local' | 'var', value: JsonValue): string[] {
  const found = JSON.stringify(value).matchAll(new RegExp(`\\b${kind}\\.([a-z_]+)`, 'g'))
  return [...new Set([...found].map(([, name]) => name ?? ''))]
}
