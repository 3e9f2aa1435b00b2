import { backOff } from '../http'
import { failed, isOutcomeUnknown, isRefusedMethod, ValohaiError } from './errors'
import type { ValohaiHttp, WriteMethod } from './http'
import { idOf, parseStore, tryStore } from './parse'
import { createBody, patchBody, putBody, sharedAccess } from './payload'
import { asksForOwner, freshKeyDelay, saysNameTaken } from './refusals'
import { chooseStore } from '../decide/find-store'
import type { Project, Store } from '../decide/observed'
import { isShared, type DesiredStore } from '../decide/store'
import type { StoreChange } from './types'
import { writeEffect } from './write-effect'

/** A store to be written, with all that is needed for it. */
export interface StoreWrite {
  readonly project: Project
  readonly desired: DesiredStore
  /** The access key's secret. */
  readonly secret: string
  readonly keyMadeAt: Date
}

const MAX_CREATES = 4

/** `GET stores/{id}/` */
export async function readStore(http: ValohaiHttp, id: string): Promise<Store> {
  return parseStore(await http.get(storePath(id)))
}

/**
 * `GET stores/`, every page of it. A list may show less than the store itself: those of the project that
 * come without their configuration are read one by one, so that no bucket is unknown without need.
 */
export async function listStores(http: ValohaiHttp, projects: readonly Project[]): Promise<Store[]> {
  const stores = (await http.list('stores/')).flatMap((entry) => tryStore(entry) ?? [])
  return Promise.all(
    stores.map(async (store) =>
      isVague(store, projects) ? ((await ifSeen(http, store.id)) ?? store) : store,
    ),
  )
}

/** A store by itself; `undefined` where the token does not see it. */
async function ifSeen(http: ValohaiHttp, id: string): Promise<Store | undefined> {
  try {
    return await readStore(http, id)
  } catch (error) {
    if (error instanceof ValohaiError && [403, 404].includes(error.status ?? 0)) return undefined
    throw error
  }
}

function isVague(store: Store, projects: readonly Project[]): boolean {
  const isCandidate =
    store.type === 's3' && !store.deleted && projects.some(({ id }) => id === (store.projectId ?? id))
  return isCandidate && (store.bucket === undefined || store.accessKeyId === undefined)
}

/**
 * Creates the store and reads it back. A POST that was lost may have done its work all the same, so the
 * stores are listed again before it is repeated: two stores of one bucket would be worse than none.
 */
export async function createStore(http: ValohaiHttp, write: StoreWrite): Promise<Store> {
  const { project, desired } = write
  const what = `create the data store "${desired.name}" in ${project.owner.username}/${project.name}`
  try {
    const id = await postStore(http, write)
    // By whatever way the store came about: what counts is that it is there, and as asked.
    return await afterWrite(async () => {
      const store = await readStore(http, id)
      const { missing } = writeEffect(undefined, store, desired)
      return missing.length === 0 ? store : updateStore(http, store, write)
    })
  } catch (error) {
    throw failed(what, error)
  }
}

/** Returns the new store's id. */
async function postStore(http: ValohaiHttp, write: StoreWrite): Promise<string> {
  const { project, desired, secret } = write
  let body = createBody(project, desired, secret)
  for (let attempt = 1; ; attempt += 1) {
    let lost: unknown
    try {
      const id = idOf(await patiently(http, write, () => http.send('POST', 'stores/', body)))
      if (id !== undefined) return id
      lost = new ValohaiError('Valohai accepted the store, and then did not list it')
    } catch (error) {
      if (asksForOwner(error) && !('owner' in body)) {
        body = { ...body, owner: project.owner.id }
        continue
      }
      // A name that is taken may be the late work of a POST that was lost before.
      if (!isOutcomeUnknown(error) && !(attempt > 1 && saysNameTaken(error))) throw error
      lost = error
    }
    await http.sleep(backOff(attempt + 1))
    const keys = [desired.accessKeyId]
    const { store: found } = chooseStore(await listStores(http, [project]), [project], {
      ...desired,
      recorded: [],
      lostOffers: [desired.name],
      keys,
      keysAreOfBucket: true,
    })
    if (found) return found.id
    if (attempt >= MAX_CREATES || saysNameTaken(lost)) throw lost
    http.info('Valohai did not say whether it made the data store, and does not list it; trying again')
  }
}

/**
 * Updates the store with the whole configuration and reads it back: with PATCH, and with PUT where PATCH
 * is refused or had no effect, since a REST framework ignores what it does not know with a 200.
 */
export async function updateStore(http: ValohaiHttp, existing: Store, write: StoreWrite): Promise<Store> {
  const { project, desired, secret } = write
  const path = storePath(existing.id)
  /** `undefined` where this Valohai does not have the method. */
  const attempt = async (method: WriteMethod, body: object): Promise<Store | undefined> => {
    const isTaken = await unlessRefused(async () => {
      await patiently(http, write, () => http.send(method, path, body))
      return true
    })
    return isTaken === undefined ? undefined : afterWrite(() => readStore(http, existing.id))
  }
  try {
    const before = await readStore(http, existing.id)
    const patched = await attempt('PATCH', patchBody(project, before, desired, secret))
    const effect = patched && writeEffect(before, patched, desired)
    if (patched && effect?.missing.length === 0 && !effect.silent) return patched

    const replace = (): Promise<Store | undefined> =>
      attempt('PUT', putBody(project, before, desired, secret))
    const put = await (patched === undefined ? replace() : afterWrite(replace))
    if (put) {
      const { missing } = writeEffect(before, put, desired)
      if (missing.length > 0) throw notAsAsked(put, missing)
      return put
    }
    if (!effect) throw new ValohaiError('this Valohai takes neither PATCH nor PUT for a store')
    // Not passed over where it is only a suspicion: the key that the store may still hold is removed next.
    throw notAsAsked(before, effect.missing.length > 0 ? effect.missing : ['the time it was last written'])
  } catch (error) {
    throw failed(`update the data store "${existing.name}" (${existing.id})`, error)
  }
}

/** Changes what needs no secret with PATCH, and reads it back. */
export async function changeStore(
  http: ValohaiHttp,
  existing: Store,
  { name, sharedBy }: StoreChange,
): Promise<Store> {
  try {
    const body = {
      ...(name === undefined ? {} : { name }),
      ...(sharedBy === undefined ? {} : sharedAccess(sharedBy)),
    }
    const taken = await unlessRefused(async () => {
      await http.send('PATCH', storePath(existing.id), body)
      return true
    })
    const after = await readStore(http, existing.id)
    const isNamed = name === undefined || after.name === name
    if (isNamed && (sharedBy === undefined || isShared(after))) return after
    // PUT wants the configuration with its secret, which nobody has here.
    throw new ValohaiError(
      `Valohai ${taken ? 'ignores' : 'refuses'} a change of ${isNamed ? 'who may use the store' : 'the name alone'}. ` +
        'Change it in the project under Settings > Data Stores, then run again' +
        (isNamed ? '' : `; or set \`store-name\` to "${existing.name}"`),
    )
  } catch (error) {
    throw failed(`change the data store "${existing.name}" (${existing.id})`, error)
  }
}

/** Something was written already: whatever fails now, Valohai did not refuse all of it. */
async function afterWrite<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof ValohaiError ? error.afterWrite() : error
  }
}

/** Tries again while Valohai refuses a key that IAM may not have told S3 about yet. */
async function patiently<T>(
  http: ValohaiHttp,
  { keyMadeAt }: StoreWrite,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      const delay = freshKeyDelay(error, keyMadeAt, attempt, http.now())
      if (delay === undefined) throw error
      http.info(`Valohai cannot use the new access key yet; trying again in ${delay / 1000} s`)
      await http.sleep(delay)
    }
  }
}

async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isRefusedMethod(error)) return undefined
    throw error
  }
}

function notAsAsked(store: Store, missing: readonly string[]): ValohaiError {
  return new ValohaiError(
    `Valohai accepted it, but on reading back these are not as asked: ${missing.join(', ')}. ` +
      `Look at the store ${store.id} in the project under Settings > Data Stores`,
  )
}

/** Where a store is. */
export function storePath(id: string): string {
  return `stores/${encodeURIComponent(id)}/`
}
