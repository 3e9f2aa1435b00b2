import { createHash } from 'node:crypto'
import { keyAddress, roleName } from '../store/names'
import { isObject, type JsonValue } from '../store/json'
import { DIGEST_LENGTH, writePlanDigest } from '../store/plan-digest'
import type { StoreSpec } from '../store/spec'
import type { Import } from './existing'
import type { Fate } from './keys'
import type { Observed } from './observed'
import type { Action, Plan, PlannedChange } from './plan'
import { fullName } from './projects'
import type { Decision, Step } from './steps'
import type { StoreField } from './store'

/** A change that a person can approve. */
export interface Change {
  /** A line for people. */
  readonly what: string
  readonly digest: string
  /** Digests of what this is the rest of, where a run failed in the middle: approving those approves this. */
  readonly restOf: readonly string[]
}

/** What was approved, and by what. */
export interface Approval {
  readonly digests: ReadonlySet<string>
  /** Where they come from, or why there are none: a sentence. */
  readonly source: string
}

/** What a digest is made from, besides the plan of the end state. */
export interface Context {
  readonly decision: Pick<Decision, 'spec' | 'steps' | 'store' | 'imports' | 'keyring'>
  readonly observed: Pick<Observed, 'valohai'>
  /** Id of the AWS account. */
  readonly account: string
  /** What is asked of a resource. @param address without an instance key */
  readonly asked: (address: string) => JsonValue
}

/**
 * Everything that a run would change in AWS and in Valohai, each with a digest of what becomes of it: the address,
 * the action, what is asked for. Two plans of the same thing have the same digests, whichever run made them and
 * however far an earlier one came. A key that retires on time needs nobody's approval, and is not among them.
 *
 * @param plan Terraform's, of the end state or of a part of it
 */
export function changesToApprove(plan: Plan, context: Context): Change[] {
  const { spec } = context.decision
  const { valohai } = context.observed
  const project = valohai?.projects[0].id ?? null
  // The region stands in the provider, so in no resource that could tell it.
  const place = [context.account, spec.region, spec.bucketName, project, spec.valohaiOrigin]
  const digest = (...parts: readonly JsonValue[]): string => digestOf([...place, ...parts])
  return [
    ...plan.changes.flatMap((change) => ofResource(change, context, digest)),
    ...context.decision.steps.flatMap((step) => ofStep(step, context, digest)),
  ]
}

/** The output `plan-digest` of some changes. */
export const planDigest = (changes: readonly Change[]): string =>
  writePlanDigest(changes.map(({ digest }) => digest))

/**
 * Why changes must not be made: nobody approved them.
 *
 * @returns the new ones, and how to approve them; `undefined` where each is approved
 */
export function refusalOfUnapproved(
  changes: readonly Change[],
  { digests, source }: Approval,
): string | undefined {
  const isApproved = ({ digest, restOf }: Change): boolean =>
    [digest, ...restOf].some((one) => digests.has(one))
  const news = changes.filter((change) => !isApproved(change))
  if (news.length === 0) return undefined
  return [
    'These changes were not approved, so they are not made:',
    ...news.map(({ what }) => `- ${what}`),
    source,
    'Read a new plan. Where it is right, run again with its digest, from `workflow_dispatch` for example:',
    `approved-plan: ${planDigest(changes)}`,
  ].join('\n')
}

type Digest = (...parts: readonly JsonValue[]) => string

/** What is left to do of an action where a run failed in the middle of it. */
const REST_OF: Readonly<Record<Exclude<Action, 'read' | 'noop' | 'move'>, readonly Action[]>> = {
  create: ['replace'],
  update: ['create', 'replace', 'import'],
  import: [],
  replace: [],
  delete: [],
  forget: [],
}

function ofResource(change: PlannedChange, { decision, asked }: Context, digest: Digest): Change[] {
  const action = actionOf(change, decision.imports)
  // A move changes nothing but an address in the state.
  if (action === 'read' || action === 'noop' || action === 'move' || isRetirement(change, decision)) return []
  const address = change.address.replace(/\[.*\]$/, '')
  const becomes = action === 'delete' || action === 'forget' ? null : asked(address)
  const digestAs = (as: Action): string => digest(as, address, becomes)
  return [
    {
      what: `${change.action} ${change.address}`,
      digest: digestAs(action),
      restOf: REST_OF[action].map(digestAs),
    },
  ]
}

/** To make something is also to take up what an earlier run of ours made, or left half made. */
function actionOf({ address, action, isTainted }: PlannedChange, imports: readonly Import[]): Action {
  const taken = imports.find(({ to }) => to === address)
  if (taken !== undefined) return taken.isAdopted === true ? 'import' : 'create'
  return action === 'replace' && isTainted === true ? 'create' : action
}

const ACCESS_KEY = 'aws_iam_access_key'

function isRetirement({ type, action, address }: PlannedChange, decision: Context['decision']): boolean {
  return (
    type === ACCESS_KEY &&
    action === 'delete' &&
    decision.keyring.keys.some(
      ({ generation, fate }) =>
        generation !== undefined && address === keyAddress(generation) && isOnTime(fate, decision),
    )
  )
}

/** Without a grace there is no time that a replaced key waits for: that it goes is somebody's wish. */
function isOnTime(fate: Fate, { spec: { keyGraceDays } }: Context['decision']): boolean {
  return fate === 'unused' || (fate === 'due' && keyGraceDays > 0)
}

function ofStep(step: Step, { decision, observed }: Context, digest: Digest): Change[] {
  const values = storeValues(decision.spec)
  const created = digest('create store', values)
  const store = observed.valohai?.store?.id ?? null
  const ofStore = (what: string, field: string, value: JsonValue): Change => ({
    what: `Valohai: ${what}`,
    digest: digest('change store', store, field, value),
    restOf: [created],
  })
  const ofFields = (fields: readonly StoreField[]): Change[] =>
    fields.map((field) => ofStore(`set ${field} of the data store`, field, values[field]))
  switch (step.kind) {
    case 'terraform':
      return []
    case 'remove-lost-keys':
      return decision.keyring.keys
        .filter(({ id, fate }) => step.ids.includes(id) && !isOnTime(fate, decision))
        .map(({ id }) => ({
          what: `delete the access key ${id}, which the state lacks`,
          // As of one that is in the state.
          digest: digest('delete', `${ACCESS_KEY}.store`, null),
          restOf: [],
        }))
    case 'hand-over':
      return decision.store?.action === 'created'
        ? [{ what: 'Valohai: create the data store', digest: created, restOf: [] }]
        : [
            ofStore('give the data store a new access key', 'access key', null),
            ...ofFields(decision.store?.fields ?? []),
          ]
    case 'change-store':
      return ofFields(step.fields)
    case 'set-default':
      return [
        {
          what: `Valohai: make it the default store of ${fullName(step.project)}`,
          digest: digest('set default', step.project.id),
          restOf: [],
        },
      ]
    case 'clear-default':
      return [
        {
          what: `Valohai: clear the default store of ${fullName(step.project)}`,
          digest: digest('clear default', step.project.id),
          restOf: [],
        },
      ]
    case 'delete-store':
      return [
        { what: 'Valohai: delete the data store', digest: digest('delete store', step.store.id), restOf: [] },
      ]
    case 'remove-policies':
      return step.policies.map(({ of, on, name }) => ({
        what: `delete inline policy ${name} of ${of} ${on}`,
        digest: digest('delete policy', of, on, name),
        restOf: [],
      }))
    case 'remove-leftovers':
      return step.leftovers.map(({ kind, name }) => ({
        what: `delete ${kind} ${name}, which the state lacks`,
        digest: digest('delete leftover', kind, name),
        restOf: [],
      }))
  }
}

/** What is asked of the store; an ARN is AWS's to give. */
function storeValues(spec: StoreSpec): Readonly<Record<StoreField, JsonValue>> {
  return {
    name: spec.storeName ?? null,
    access_mode: spec.storeAccess,
    bucket: spec.bucketName,
    region: spec.region,
    multipart_upload_iam_role: spec.multipart ? roleName(spec) : null,
    kms_key_arn: spec.kmsKeyArn ?? null,
  }
}

function digestOf(parts: JsonValue): string {
  return createHash('sha256')
    .update(JSON.stringify(inOrder(parts)))
    .digest('hex')
    .slice(0, DIGEST_LENGTH)
}

/** The order that an object's keys were written in means nothing. */
function inOrder(value: JsonValue): JsonValue {
  if (isObject(value)) {
    const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
    return Object.fromEntries(entries.map(([key, one]) => [key, inOrder(one)]))
  }
  return Array.isArray(value) ? (value as readonly JsonValue[]).map(inOrder) : value
}
