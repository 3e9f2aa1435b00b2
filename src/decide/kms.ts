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
  const named = valohai?.store?.kmsKeyArn
  const isInGrace = keys.some(({ fate }) => fate === 'retiring' || fate === 'unclear')
  const stays = isInGrace || handsOver
  const earlier = [...new Set([...whole, ...decrypt, ...spec.kmsDecryptKeyArns])].filter(
    (arn) => arn !== spec.kmsKeyArn,
  )
  const kept = earlier.filter((arn) => whole.includes(arn) && (stays || arn === named))
  return { kmsKeptKeyArns: kept, kmsDecryptKeyArns: earlier.filter((arn) => !kept.includes(arn)) }
}
