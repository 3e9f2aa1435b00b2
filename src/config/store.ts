import { NO_OTHERS, type StoreSpec } from '../store/spec'
import type { InputValues } from './inputs'
import { BUCKET_INPUTS, STORE_INPUTS } from './inputs/store'

const ROWS = { ...BUCKET_INPUTS, ...STORE_INPUTS }

type Rows = typeof ROWS
/** What the inputs say, by field. A field that no input fills is missed where this becomes a `StoreSpec`. */
type Fields = { readonly [Name in keyof Rows as Rows[Name]['field']]: InputValues[Name] }

/** The store that the inputs describe: each fills the field that its row names. What a run decides is empty. */
export function storeSpec(values: InputValues): StoreSpec {
  const fields = Object.fromEntries(
    Object.entries(ROWS).map(([name, { field }]) => [field, values[name as keyof Rows]]),
  ) as Fields
  return {
    ...fields,
    projects: values['valohai-project'] ?? [],
    kmsKeptKeyArns: [],
    others: NO_OTHERS,
    stateTag: undefined,
  }
}
