import { failed, ValohaiError } from './errors'
import type { ValohaiHttp } from './http'
import { readStore, storePath } from './save-store'
import type { Store } from '../decide/observed'

/** What Valohai says of a store that is gone, or that the token does not see. */
const NOT_SEEN = [403, 404]

/**
 * `DELETE stores/{id}/`, and reads back that the store is gone: not found, or shown as deleted.
 *
 * @throws ValohaiError where it is still there, saying where to delete it by hand
 */
export async function deleteStore(
  http: ValohaiHttp,
  { id, name }: Pick<Store, 'id' | 'name'>,
): Promise<void> {
  try {
    const refusal = await errorOf(http.delete(storePath(id)))
    if (refusal !== undefined && refusal.status !== 404) throw refusal
    const after = await unlessGone(readStore(http, id))
    if (after !== undefined && !after.deleted)
      throw refusal ?? new ValohaiError('Valohai accepted it, and still shows the store')
  } catch (error) {
    throw failed(
      `delete the data store "${name}" (${id})`,
      error,
      'Delete it by hand in the project under Settings > Data Stores; then run again',
    )
  }
}

async function errorOf(work: Promise<unknown>): Promise<ValohaiError | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof ValohaiError) return error
    throw error
  }
}

async function unlessGone(read: Promise<Store>): Promise<Store | undefined> {
  try {
    return await read
  } catch (error) {
    if (error instanceof ValohaiError && NOT_SEEN.includes(error.status ?? 0)) return undefined
    throw error
  }
}
