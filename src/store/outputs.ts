import * as v from 'valibot'

/** Output of the Terraform configuration: the origin that our CORS rules let upload. */
export const ORIGIN_OUTPUT = 'valohai_origin'

/** Variable of the environment for a secret that the outputs have only encrypted. */
export const SECRET_VARIABLE = 'STORE_SECRET_ACCESS_KEY'

/** A secret of an access key as IAM makes them: 40 characters of base64. What masks one has others. */
export const isSecret = (text: string): boolean => /^[A-Za-z0-9/+=]{16,128}$/.test(text)

const given = v.pipe(v.string(), v.minLength(1))
const ifAny = v.nullish(given)

/**
 * The outputs of the Terraform configuration, under their names there. Those of parts that a configuration does not
 * have are missing; of the two secrets one is null.
 */
export const outputsSchema = v.object({
  bucket: given,
  bucket_arn: given,
  region: given,
  iam_user_name: given,
  iam_user_arn: v.pipe(given, v.regex(/^arn:[^:]+:iam::[0-9]{12}:user\//)),
  access_keys: v.pipe(
    v.record(
      v.pipe(v.string(), v.regex(/^[1-9][0-9]*$/)),
      v.object({ id: v.pipe(v.string(), v.regex(/^\w{16,128}$/)), created: ifAny }),
    ),
    v.minEntries(1),
  ),
  access_key_id: given,
  encrypted_secret_access_key: ifAny,
  secret_access_key: ifAny,
  multipart_role_arn: ifAny,
  kms_key_arn: ifAny,
  [ORIGIN_OUTPUT]: ifAny,
})

/** Name of an output of the Terraform configuration. */
export type OutputName = keyof v.InferOutput<typeof outputsSchema>

/** A store's access key as the outputs have it. */
export interface OutputKey {
  /** `"1"`, `"2"`, … */
  readonly generation: string
  readonly id: string
  /** When IAM made it; `undefined` where Terraform does not know. */
  readonly created: Date | undefined
}

/** What Terraform that somebody else applied hands out of a store. */
export interface StoreOutputs {
  readonly bucket: { readonly name: string; readonly arn: string; readonly region: string }
  readonly user: { readonly name: string; readonly arn: string }
  /** Role for outputs over 5 GB. */
  readonly role: { readonly name: string; readonly arn: string } | undefined
  readonly kmsKeyArn: string | undefined
  /** Origin that the CORS rules let upload; `undefined` where the configuration has none. */
  readonly origin: string | undefined
  /** Oldest generation first; one at least. */
  readonly keys: readonly OutputKey[]
  /** The newest generation's. */
  readonly secret: string
}
