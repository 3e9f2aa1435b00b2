import * as v from 'valibot'
import type { StackOutputs } from '../store/outputs'

const text = v.optional(v.nullable(v.string()))
const schema = v.object({
  bucket: text,
  bucket_arn: text,
  region: text,
  iam_user_arn: text,
  multipart_role_arn: text,
  encrypted_secret_access_key: text,
  secret_access_key: text,
  access_keys: v.optional(
    v.nullable(
      v.record(v.string(), v.object({ id: v.string(), created: v.optional(v.nullable(v.string())) })),
    ),
  ),
})

/**
 * Reads the answer of `terraform output -json`.
 *
 * @throws where the state holds outputs of the same names in another shape: it is somebody else's state
 */
export function parseOutputs(json: string): StackOutputs {
  const raw = JSON.parse(json) as Record<string, { value?: unknown }>
  const values = v.safeParse(
    schema,
    Object.fromEntries(Object.entries(raw).map(([name, { value }]) => [name, value])),
  )
  if (!values.success) {
    throw new Error(
      'The Terraform state holds outputs of another configuration. Give this store a state of its own with `state-key`.',
    )
  }
  const outputs = values.output
  return {
    bucket: outputs.bucket ?? undefined,
    bucketArn: outputs.bucket_arn ?? undefined,
    region: outputs.region ?? undefined,
    iamUserArn: outputs.iam_user_arn ?? undefined,
    multipartRoleArn: outputs.multipart_role_arn ?? undefined,
    encryptedSecret: outputs.encrypted_secret_access_key ?? undefined,
    plainSecret: outputs.secret_access_key ?? undefined,
    accessKeys: Object.entries(outputs.access_keys ?? {})
      .map(([generation, { id, created }]) => ({ generation, id, created: dateOf(created) }))
      .sort((a, b) => Number(a.generation) - Number(b.generation)),
  }
}

function dateOf(value: string | null | undefined): Date | undefined {
  const date = new Date(value ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}
