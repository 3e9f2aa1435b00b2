import { failed, isOutcomeUnknown, isRefusedMethod, ValohaiError } from './errors'
import type { ValohaiHttp, WriteMethod } from './http'
import { parseProject } from './parse'
import type { Project, Store } from '../decide/observed'
import { fullName, isDefault } from '../decide/projects'
import { otherChanges } from './projects'

/** Where a person does it, should the API not. */
const BY_HAND = 'Settings > General > Default upload store'

/** `GET projects/{id}/`: the project, and the answer as it came, for a comparison of everything in it. */
export async function readProject(
  http: ValohaiHttp,
  id: string,
): Promise<{ project: Project; answer: unknown }> {
  const answer = await http.get(projectPath(id))
  return { project: parseProject(answer), answer }
}

/**
 * Makes the store the project's default, and reads it back. No public client of Valohai does this, so
 * nothing is taken for granted: PATCH first; where it is refused or ignored, PUT with the name and
 * description just read, and a check that this reset nothing else.
 *
 * Returns `unchanged` where the store was the default already. Throws `ValohaiError` saying where to set it
 * by hand; the store itself stays as it is.
 */
export async function makeDefaultStore(
  http: ValohaiHttp,
  projectId: string,
  store: Pick<Store, 'id'>,
): Promise<'unchanged' | 'set'> {
  let name = projectId
  try {
    const before = await readProject(http, projectId)
    name = fullName(before.project)
    const wasDefault = isDefault(before.project, store)
    // Without the explicit setting, the store in effect may be inherited: then it is set all the same.
    if (wasDefault && before.project.defaultStore.known) return 'unchanged'
    await setDefault(http, before.project, before.answer, store.id)
    return wasDefault ? 'unchanged' : 'set'
  } catch (error) {
    throw failed(
      `make the store ${store.id} the default of ${name}`,
      error,
      `The store is kept. Set it by hand: in the project, ${BY_HAND}, choose the store ${store.id}; then run again`,
    )
  }
}

/**
 * Leaves the project without a default store, and reads that back; written as `makeDefaultStore` writes.
 *
 * Returns `unchanged` where the default is another store. Throws `ValohaiError` saying where to do it by hand.
 */
export async function clearDefaultStore(
  http: ValohaiHttp,
  projectId: string,
  store: Pick<Store, 'id'>,
): Promise<'unchanged' | 'cleared'> {
  let name = projectId
  try {
    const before = await readProject(http, projectId)
    name = fullName(before.project)
    if (!isDefault(before.project, store)) return 'unchanged'
    await setDefault(http, before.project, before.answer, null)
    return 'cleared'
  } catch (error) {
    throw failed(`clear the default store of ${name}`, error, `Choose another one in the project, ${BY_HAND}`)
  }
}

/** @param id of the store; `null` for none */
async function setDefault(
  http: ValohaiHttp,
  before: Project,
  beforeAnswer: unknown,
  id: string | null,
): Promise<void> {
  const isSet = ({ defaultStore, ...project }: Project): boolean =>
    id === null
      ? defaultStore.known && defaultStore.id === null
      : isDefault({ ...project, defaultStore }, { id })
  const patch = await write(http, before.id, 'PATCH', { default_store: id })
  const patched = await readProject(http, before.id)
  if (isSet(patched.project)) return
  if (patch && !isRefusedMethod(patch)) throw patch

  const { name, description } = patched.project
  const put = await write(http, before.id, 'PUT', { name, description, default_store: id })
  const after = await readProject(http, before.id)
  const changed = otherChanges(beforeAnswer, after.answer)
  if (changed.length > 0) {
    throw new ValohaiError(
      `setting it with PUT also changed ${changed.join(', ')} of the project. Look at these settings and put them back`,
    )
  }
  if (isSet(after.project)) return
  if (put) throw put
  throw new ValohaiError('Valohai accepted it, but on reading back the default store is not so')
}

/**
 * Sends the setting. Returns the error of a refused method and of a lost answer, since reading back decides
 * what they mean; throws any other.
 */
async function write(
  http: ValohaiHttp,
  id: string,
  method: WriteMethod,
  body: object,
): Promise<ValohaiError | undefined> {
  try {
    await http.send(method, projectPath(id), body)
    return undefined
  } catch (error) {
    const tellsNothing = isRefusedMethod(error) || isOutcomeUnknown(error)
    if (error instanceof ValohaiError && tellsNothing) return error
    throw error
  }
}

function projectPath(id: string): string {
  return `projects/${encodeURIComponent(id)}/`
}
