import type { Observed } from '../decide/observed'
import { storesOfBucket, type Seen, type Survey } from '../decide/survey'
import type { Run } from './act/context'
import type { Ground } from './observe'

/** Looks at what no plan shows, each by itself: what cannot be looked at says why, and stops nothing. */
export async function survey(
  { request: { store: spec }, world }: Run,
  { hasState }: Pick<Ground, 'hasState'>,
  observed: Observed,
): Promise<Survey> {
  const { existing, preflight, valohai } = observed
  const { bucketName, valohaiOrigin, manageBucket } = spec
  const { stateBucket, aws } = world
  const hasBucket = manageBucket && existing.bucket !== undefined
  // A no that the rules do not bear out is none: what answers is not S3, or S3 has not heard of a change yet.
  const saysNo = preflight !== undefined && !(preflight.uploads && preflight.downloads)
  const stores = storesOfBucket(valohai?.others ?? [], bucketName)
  const [cors, corsRules, isPublic, terraformLock, owners] = await Promise.all([
    !manageBucket
      ? told(preflight)
      : hasBucket && spec.cors
        ? seen(async () => told(await aws.preflight(bucketName, valohaiOrigin)))
        : undefined,
    !manageBucket && saysNo ? aws.corsRules(bucketName).catch(() => undefined) : undefined,
    hasBucket ? seen(async () => told(await aws.isPublic(bucketName))) : undefined,
    hasState && stateBucket !== undefined
      ? seen(async () => ({ is: await stateBucket.terraformLock() }))
      : undefined,
    Promise.all(
      stores.flatMap(({ accessKeyId: id }) =>
        id === undefined ? [] : [seen(async () => ({ is: await aws.findKeyOwner(id) })).then(entry(id))],
      ),
    ),
  ])
  return { cors, corsRules, isPublic, terraformLock, owners: new Map(owners) }
}

const entry =
  (id: string) =>
  <T>(value: T): [string, T] => [id, value]

/** What was asked for and answered, or why it was not. */
const told = <T>(answer: T | undefined): Seen<T> =>
  answer === undefined ? { why: 'The answer does not say.' } : { is: answer }

async function seen<T>(look: () => Promise<Seen<T>>): Promise<Seen<T>> {
  try {
    return await look()
  } catch (cause) {
    return { why: cause instanceof Error ? cause.message : String(cause) }
  }
}
