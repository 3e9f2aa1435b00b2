import type { Finding, Looked, NotChecked, Part } from './findings'
import type { Store } from './observed'
import { fullName } from './projects'
import { desiredStore, isShared, type StoreField } from './store'
import { storesOfBucket } from './survey'

/** What each field of a store is to a person. */
const FIELDS: Readonly<Record<StoreField, string>> = {
  name: 'name',
  access_mode: 'access',
  bucket: 'bucket',
  region: 'region',
  multipart_upload_iam_role: 'role for outputs over 5 GB',
  kms_key_arn: 'KMS key',
}

/** The store, the default of each project, and stores of the bucket that nothing accounts for. */
export function findingsOfValohai(looked: Looked): Part {
  const { valohai } = looked.observed
  if (valohai === undefined) return {}
  const others = ofOtherStores(looked, valohai.others)
  return {
    findings: [...ofStore(looked), ...ofDefaults(looked), ...(others.findings ?? [])],
    notChecked: [...defaultsUnseen(looked), ...(others.notChecked ?? [])],
    notes: widened(looked),
  }
}

function ofStore({ decision, spec, observed: { valohai, state, existing } }: Looked): Finding[] {
  const change = decision?.store
  const store = valohai?.store
  if (valohai === undefined || decision === undefined || change === undefined) return []
  if (store === undefined) {
    if (change.action !== 'created') return []
    return [
      {
        what: 'The data store is missing',
        where: fullName(valohai.projects[0]),
        is: `no store for ${spec.bucketName}`,
        should: 'one',
        fix: 'Run `apply`: it is created with a new key.',
      },
    ]
  }
  const role = state.role ?? (existing.role && { name: '', arn: existing.role.arn })
  const desired = desiredStore(decision.spec, { role, store, accessKeyId: '' })
  const is: Record<StoreField, string | undefined> = {
    name: store.name,
    access_mode: 'one project',
    bucket: store.bucket,
    region: store.region,
    multipart_upload_iam_role: store.multipartRoleArn,
    kms_key_arn: store.kmsKeyArn,
  }
  const should: Record<StoreField, string | undefined> = {
    name: desired.name,
    access_mode: "all projects of the project's owner",
    bucket: desired.bucket,
    region: desired.region,
    multipart_upload_iam_role: desired.multipartRoleArn,
    kms_key_arn: desired.kmsKeyArn,
  }
  return change.fields.map((field) => ({
    what: `The ${FIELDS[field]} of the data store differs`,
    where: `store "${store.name}" (${store.id})`,
    is: orNone(is[field]),
    should: orNone(should[field]),
    fix: `Run \`apply\`: it is put back${change.newKey ? ', with a new key' : ''}.`,
  }))
}

/** Valohai says that there is none by an empty text. */
const orNone = (value: string | undefined): string => (value === undefined || value === '' ? 'none' : value)

/** Projects whose default is another; where there is no store yet, that says it all. */
function ofDefaults({ decision, observed: { valohai } }: Looked): Finding[] {
  const store = valohai?.store
  if (store === undefined) return []
  return (decision?.steps ?? []).flatMap((step) => {
    if (step.kind !== 'set-default' || !isKnown(step.project)) return []
    const { defaultStore, uploadStoreId } = step.project
    const is = (defaultStore.known ? defaultStore.id : uploadStoreId) ?? 'none'
    return [
      {
        what: "The project's default store is another",
        where: fullName(step.project),
        is,
        should: `${store.id} ("${store.name}")`,
        fix: 'Run `apply`: it is set. `set-default: false` leaves it.',
      },
    ]
  })
}

type Project = NonNullable<Looked['observed']['valohai']>['projects'][number]
const isKnown = ({ defaultStore, uploadStoreId }: Project): boolean =>
  defaultStore.known || uploadStoreId !== undefined

function defaultsUnseen({ spec, observed: { valohai } }: Looked): NotChecked[] {
  if (!spec.setDefault) return []
  return (valohai?.projects ?? [])
    .filter((project) => !isKnown(project))
    .map((project) => ({
      what: `The default store of ${fullName(project)}`,
      why: 'Valohai does not show it.',
    }))
}

/** Stores of the bucket that are not ours: whose key each works with says whether something accounts for it. */
function ofOtherStores({ spec, survey: { owners } }: Looked, others: readonly Store[]): Part {
  const findings: Finding[] = []
  const notChecked: NotChecked[] = []
  for (const { id, name, accessKeyId } of storesOfBucket(others, spec.bucketName)) {
    const where = `store "${name}" (${id})`
    const owner = owners.get(accessKeyId ?? '') ?? { why: 'Valohai does not show its access key.' }
    if ('why' in owner) {
      notChecked.push({ what: `What accounts for the ${where}`, why: owner.why })
      continue
    }
    const { userName, stateTag } = owner.is
    if (stateTag !== undefined) continue
    findings.push({
      what: 'Nothing accounts for another data store of the bucket',
      where,
      is: `works with ${accessKeyId ?? ''}${userName === undefined ? ', which this account does not have' : ` of the IAM user ${userName}, whom no run made`}`,
      should: 'a store that a run made',
      fix: 'Delete it in Valohai, or take it over with a step of its own (`manage-bucket: false`, `adopt: true`). `apply` does not touch it.',
    })
  }
  return { findings, notChecked }
}

/** A store is never narrowed. */
function widened({ spec, observed: { valohai } }: Looked): string[] {
  const store = valohai?.store
  if (store === undefined || spec.storeAccess !== 'project' || !isShared(store)) return []
  return [`The store "${store.name}" is for more than the project, and is left so.`]
}
