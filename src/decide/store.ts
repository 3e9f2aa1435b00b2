import type { KeySituation } from './keys'
import type { Request } from '../config'
import { multipartRoleName } from '../store/names'
import type { StackOutputs } from '../store/outputs'
import { differences, storeHoldsKey, type DesiredStore, type Store, type StoreField } from '../valohai'

/** How Valohai's store differs from what the configuration and the state ask for, before anything is applied. */
export interface StorePlan {
  readonly action: 'created' | 'updated' | 'unchanged'
  /** Fields of an existing store that are to change; the access key is not among them. */
  readonly fields: readonly StoreField[]
  /** Whether the whole configuration must be sent, for which the key's secret is needed. */
  readonly needsSecret: boolean
}

/** Valohai's store as it has to be, by what stands in AWS. */
export function desiredStore(request: Request, outputs: StackOutputs): DesiredStore {
  const { store } = request
  return {
    name: store.storeName,
    bucket: store.bucketName,
    region: store.region,
    accessKeyId: outputs.accessKeys.at(-1)?.id ?? '',
    ...(outputs.multipartRoleArn === undefined ? {} : { multipartRoleArn: outputs.multipartRoleArn }),
    ...(store.kmsKeyArn === undefined ? {} : { kmsKeyArn: store.kmsKeyArn }),
  }
}

/**
 * What is to be done about the store.
 *
 * @param store the store that Valohai has, if any
 * @param outputs the state's outputs, before or after an apply
 */
export function planStore(request: Request, store: Store | undefined, outputs: StackOutputs): StorePlan {
  if (store === undefined) return { action: 'created', fields: [], needsSecret: true }
  const fields = new Set(differences(store, desiredStore(request, outputs)))
  // The role's ARN is unknown until it is applied, and the store then needs it.
  if (roleWillChange(request, outputs)) fields.add('multipart_upload_iam_role')
  const needsSecret = heldKey(store, outputs) === undefined || [...fields].some((field) => field !== 'name')
  return {
    action: needsSecret || fields.size > 0 ? 'updated' : 'unchanged',
    fields: [...fields],
    needsSecret,
  }
}

/** What the decision about the access keys depends on, from the store and the state. */
export function keySituation(
  storePlan: StorePlan | undefined,
  store: Store | undefined,
  outputs: StackOutputs,
): KeySituation {
  const newest = outputs.accessKeys.at(-1)?.generation
  return {
    generations: outputs.accessKeys.map(({ generation }) => generation),
    // Where Valohai is not asked (a plan without a token), the newest key counts as the one it holds.
    held: storePlan === undefined ? newest : store && heldKey(store, outputs),
    mayHoldAny: store !== undefined && store.accessKeyId === undefined,
    storeNeedsSecret: storePlan?.needsSecret ?? false,
    secretAtHand: outputs.plainSecret !== undefined,
  }
}

/** The newest generation that the store holds the key of. */
function heldKey(store: Store, outputs: StackOutputs): string | undefined {
  return outputs.accessKeys.findLast((key) => storeHoldsKey(store, key))?.generation
}

function roleWillChange({ store }: Request, { multipartRoleArn }: StackOutputs): boolean {
  if (!store.multipart) return multipartRoleArn !== undefined
  const name = store.multipartRoleName ?? multipartRoleName(store.bucketName)
  return multipartRoleArn?.endsWith(`/${name}`) !== true
}
