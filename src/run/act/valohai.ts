import type { Request } from '../../config'
import type { ValohaiOutcome } from '../../decide/outcome'
import { desiredStore, type StorePlan } from '../../decide/store'
import type { StackOutputs } from '../../store/outputs'
import { isDefault, type Project, type Store, type Valohai } from '../../valohai'
import type { Envelope } from '../world'
import type { Run } from './run'

/** Valohai as it was found. */
export interface Link {
  readonly valohai: Valohai
  readonly project: Project
  readonly store: Store | undefined
}

/** Reads only: the token works, the project exists, which store of the name or bucket it has. */
export async function lookAtValohai({ request, world }: Run): Promise<Link | undefined> {
  const { valohai, reporter } = world
  if (valohai === undefined || request.valohai === undefined) {
    reporter.info('No token and no project given: this plan is of AWS alone')
    return undefined
  }
  const project = await valohai.findProject(request.valohai.project)
  const store = await valohai.findStore(project, {
    name: request.store.storeName,
    bucket: request.store.bucketName,
  })
  const found = store === undefined ? 'no store for this bucket yet' : `store "${store.name}" (${store.id})`
  reporter.info(`Project ${project.owner.username}/${project.name}, ${found}`)
  return { valohai, project, store }
}

/** The current key's secret; `undefined` where nobody holds it any more. */
export async function secretOf(
  state: StackOutputs,
  envelope: Pick<Envelope, 'open'>,
): Promise<string | undefined> {
  return state.plainSecret ?? (await envelope.open(state.encryptedSecret ?? ''))
}

/** Gives Valohai the store as it has to be; where that needs the secret, the key is proved first. */
export async function linkStore(
  { request, world, progress }: Run,
  { valohai, project, store }: Link,
  needed: StorePlan,
  state: StackOutputs,
  envelope: Pick<Envelope, 'open'>,
): Promise<Store> {
  const { reporter } = world
  if (store !== undefined && needed.action === 'unchanged') return store
  if (store !== undefined && !needed.needsSecret) {
    return progress.step('Rename the store', () => valohai.renameStore(store, request.store.storeName))
  }

  const desired = desiredStore(request, state)
  const secret = await progress.step('Prove the access key', async () => {
    const secretAccessKey = await secretOf(state, envelope)
    if (secretAccessKey === undefined) {
      throw new Error(
        `Nobody holds the secret of the access key ${desired.accessKeyId} any more; the next run makes a new key.`,
      )
    }
    reporter.mask(secretAccessKey)
    const credentials = { accessKeyId: desired.accessKeyId, secretAccessKey }
    const { bucket, region, multipartRoleArn } = desired
    await world.aws.proveCredentials({ credentials, bucket, region, multipartRoleArn })
    return secretAccessKey
  })
  return progress.step(store === undefined ? 'Create the store' : 'Update the store', async () => {
    const keyMadeAt = state.accessKeys.at(-1)?.created ?? new Date()
    const saved = await valohai.saveStore(project, store, desired, secret, { keyMadeAt })
    reporter.info(`Store "${saved.store.name}" (${saved.store.id}) ${saved.action}, and read back`)
    return saved.store
  })
}

export async function makeDefault(
  { world, progress }: Run,
  { valohai, project }: Link,
  store: Store,
): Promise<void> {
  await progress.step("Make it the project's default store", async () => {
    const result = await valohai.makeDefault(project, store)
    world.reporter.info(result === 'set' ? 'Set, and read back' : 'It already is')
  })
}

export function valohaiOutcome(
  { command, store: { storeName, setDefault } }: Request,
  { valohai, project, store: found }: Link,
  store: Store | undefined,
  { action, fields, needsSecret }: StorePlan,
): ValohaiOutcome {
  const wasDefault = found !== undefined && isDefault(project, found)
  const { defaultStore, uploadStoreId } = project
  return {
    project: `${project.owner.username}/${project.name}`,
    projectUrl: project.displayUrl,
    storeName: store?.name ?? storeName,
    storeId: store?.id,
    storeUrl: store && valohai.storeUrl(project, store),
    action,
    fields,
    newKey: needsSecret,
    defaultStore: {
      before: (defaultStore.known ? defaultStore.id : uploadStoreId) ?? undefined,
      changes: setDefault && !wasDefault,
      isThisStore: wasDefault || (setDefault && command === 'apply'),
    },
  }
}
