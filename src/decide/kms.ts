import type { StoreSpec } from '../store/spec'
import type { Keyring } from './keys'
import type { Observed } from './observed'

/**
 * The KMS keys that the store worked with before: each keeps its whole grant while the store names it or an
 * access key of its time is in its grace, and then `kms:Decrypt` for ever, so that what was written with it can
 * be read.
 *
 * @param handsOver whether the store is rewritten by this run, which leaves a key in its grace
 */
export function earlierKmsKeys(
  spec: StoreSpec,
  { state, valohai }: Observed,
  { keys }: Keyring,
  handsOver: boolean,
): Pick<StoreSpec, 'kmsKeptKeyArns' | 'kmsDecryptKeyArns'> {
  const { whole, decrypt } = state.kms
  const store = valohai?.store
  // Where Valohai hides it, the store may name any.
  const isNamed = (arn: string): boolean => store !== undefined && (store.kmsKeyArn ?? arn) === arn
  const isInGrace = keys.some(({ fate }) => fate === 'retiring' || fate === 'unclear')
  const stays = isInGrace || handsOver
  const earlier = [...new Set([...whole, ...decrypt, ...spec.kmsDecryptKeyArns])].filter(
    (arn) => arn !== spec.kmsKeyArn,
  )
  const kept = earlier.filter((arn) => whole.includes(arn) && (stays || isNamed(arn)))
  return { kmsKeptKeyArns: kept, kmsDecryptKeyArns: earlier.filter((arn) => !kept.includes(arn)) }
}
