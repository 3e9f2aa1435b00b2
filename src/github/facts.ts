import type { Request } from '../config'
import { newStoreName } from '../store/names'
import type { StoreIdentity } from './update-plan-comment'

/** What reports tell of a configuration. Unlike the configuration it holds no token. */
export interface Facts {
  readonly command: Request['command']
  readonly bucket: string
  readonly region: string
  readonly storeName: string
  readonly setDefault: boolean
  readonly valohaiOrigin: string
  /** As it was given; `undefined` for a plan without Valohai, and for synth. */
  readonly project: string | undefined
  readonly kmsKeyArn: string | undefined
  /** The bucket of the Terraform state; `undefined` with another backend. */
  readonly stateBucket: { readonly name: string; readonly region: string } | undefined
}

/** The facts of a configuration. */
export function factsOf(request: Request): Facts {
  const { command, store, terraform, valohai, outputs } = request
  const { backend } = terraform
  return {
    command,
    bucket: store.bucketName,
    region: store.region,
    storeName: newStoreName(store),
    setDefault: store.setDefault,
    valohaiOrigin: valohai?.origin ?? store.valohaiOrigin,
    project: valohai?.projects.join(', '),
    kmsKeyArn: store.kmsKeyArn,
    // The state of what somebody else applied is theirs.
    stateBucket:
      backend.type === 's3' && outputs === undefined
        ? { name: backend.bucket, region: backend.region }
        : undefined,
  }
}

/** What the comment of a store is found again by. */
export function identityOf({ valohaiOrigin, project, bucket }: Facts): StoreIdentity {
  return { valohaiOrigin, project, bucket }
}
