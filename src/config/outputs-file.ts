import * as v from 'valibot'
import { isObject, type JsonObject, type JsonValue } from '../store/json'
import {
  isSecret,
  outputsSchema,
  SECRET_VARIABLE,
  type OutputName,
  type StoreOutputs,
} from '../store/outputs'
import { bucketName } from './bucket'
import { readText } from './outputs-text'
import { type Finding, invalid, listed, type Parsed, show, valid } from './problems'
import type { Reading } from './reader'
import { regionCode } from './region'

type Outputs = v.InferOutput<typeof outputsSchema>

/**
 * What the file of `outputs-file` says of the store, for a command that takes it; what is wrong with it is reported.
 * No finding shows what a secret could be.
 *
 * @param askedRegion region that was asked for as an input: the environment's is that of other things, too
 */
export function readOutputs(reading: Reading, askedRegion = ''): StoreOutputs | undefined {
  const { values, environment, report } = reading
  const file = values['outputs-file']
  if (file === undefined) return undefined
  const text = readText(file)
  const parsed =
    'value' in text
      ? storeOutputs(text.value, { bucket: values.bucket, secret: environment[SECRET_VARIABLE]?.trim() })
      : text
  if (!('value' in parsed)) {
    for (const { problem, fix } of parsed.findings) report('outputs-file', problem, fix)
    return undefined
  }
  const { bucket } = parsed.value
  const fix = 'Give the outputs of that store, or leave it out: the outputs say it'
  if (values.bucket !== undefined && values.bucket !== bucket.name) {
    report('bucket', `The outputs are of the bucket ${show(bucket.name)}, not of ${show(values.bucket)}`, fix)
  }
  if (askedRegion !== '' && askedRegion !== bucket.region) {
    report('region', `The outputs' bucket is in ${show(bucket.region)}, not in ${show(askedRegion)}`, fix)
  }
  return parsed.value
}

const HOW =
  'Give all that `terraform output -json` prints where the store is applied; ' +
  'a root that calls the module has to hand it out whole: output "store" { value = module.store, sensitive = true }'

/**
 * Reads what `terraform output -json` printed: of an exported root, of a root with outputs that are our module's
 * objects, or of one such object (`terraform output -json store`).
 *
 * @param wanted.bucket tells which store is meant, where the outputs have several
 * @param wanted.secret the decrypted secret, where the outputs have it only encrypted
 */
export function storeOutputs(
  text: string,
  wanted: { readonly bucket?: string | undefined; readonly secret?: string | undefined },
): Parsed<StoreOutputs> {
  const json = parseJson(text)
  if (json === undefined) {
    return text.trim() === ''
      ? invalid('It is empty', 'See why `terraform output -json` printed nothing')
      : invalid(
          'It is not JSON',
          'Give what `terraform output -json` prints and nothing else; with hashicorp/setup-terraform, set terraform_wrapper: false',
        )
  }
  const found = storesIn(unwrapped(json)).map((store) => v.safeParse(outputsSchema, store))
  // Of the same bucket where a root hands out both the module and its outputs.
  const stores = new Map(found.flatMap(({ success, output }) => (success ? [[output.bucket, output]] : [])))
  const [only] = stores.size === 1 ? stores.values() : []
  const store = only ?? stores.get(wanted.bucket ?? '')
  if (store !== undefined) return meaningOf(store, wanted.secret)
  if (stores.size > 1) {
    return invalid(
      `It has the outputs of ${stores.size} stores: ${listed([...stores.keys()].map(show))}`,
      'Say with `bucket` which of them is meant',
    )
  }
  const lacking = found.flatMap(({ issues }) => issues ?? []).map(({ path }) => show(String(path?.[0].key)))
  if (lacking.length > 0) {
    const names = listed([...new Set(lacking)])
    return invalid(`The outputs of the store lack ${names}, or have something else there`, HOW)
  }
  return isObject(json) && Object.keys(json).length === 0
    ? invalid(
        'It has no outputs',
        'Apply first; then run `terraform output -json` in the same directory and workspace',
      )
    : invalid('It has no outputs of a store', HOW)
}

/** Terraform prints an output as its value with a type and a mark for secrets; an output asked for by name, bare. */
function unwrapped(json: JsonValue): JsonValue {
  if (!isObject(json)) return json
  return Object.fromEntries(
    Object.entries(json).map(([name, output]) => [
      name,
      isObject(output) && 'value' in output && 'type' in output ? (output.value ?? null) : output,
    ]),
  )
}

/** What a store's outputs are told by. */
const KEY_ID: OutputName = 'access_key_id'

/** The objects that are outputs of a store: the whole, an output, or those of `count` or `for_each`. */
function storesIn(json: JsonValue, depth = 0): readonly JsonObject[] {
  if (typeof json !== 'object' || json === null || depth > 3) return []
  const inner = Object.values(json as JsonObject).flatMap((one) => storesIn(one, depth + 1))
  return isObject(json) && KEY_ID in json ? [json, ...inner] : inner
}

function meaningOf(outputs: Outputs, decrypted: string | undefined): Parsed<StoreOutputs> {
  const keys = Object.entries(outputs.access_keys)
    .map(([generation, { id, created }]) => ({ generation, id, created: timeOf(created) }))
    .sort((a, b) => Number(a.generation) - Number(b.generation))
  const secret = secretOf(outputs, decrypted)
  const isNewest = outputs.access_key_id === keys.at(-1)?.id
  const findings = [
    ...findingsOf(bucketName(outputs.bucket)),
    ...findingsOf(regionCode(outputs.region)),
    ...(isNewest ? [] : invalid('Its access_key_id is not the newest of its access_keys', HOW).findings),
    ...findingsOf(secret),
  ]
  if (findings.length > 0 || !('value' in secret)) return { findings }
  const role = outputs.multipart_role_arn ?? undefined
  return valid({
    bucket: { name: outputs.bucket, arn: outputs.bucket_arn, region: outputs.region },
    user: { name: outputs.iam_user_name, arn: outputs.iam_user_arn },
    role: role === undefined ? undefined : { name: role.split('/').at(-1) ?? '', arn: role },
    kmsKeyArn: outputs.kms_key_arn ?? undefined,
    origin: outputs.valohai_origin ?? undefined,
    keys,
    secret: secret.value,
  })
}

function secretOf(
  { secret_access_key: plain, encrypted_secret_access_key: encrypted }: Outputs,
  decrypted = '',
): Parsed<string> {
  if (plain != null && isSecret(plain)) return valid(plain)
  if (isSecret(decrypted)) return valid(decrypted)
  if (decrypted !== '') {
    return invalid(
      `${SECRET_VARIABLE} in the environment is not the secret of an access key`,
      'Set it to what `terraform output -raw encrypted_secret_access_key | base64 -d | gpg -d` prints',
    )
  }
  if (plain != null) {
    return invalid(
      'Its secret_access_key is masked or cut',
      'Give what `terraform output -json` prints itself: a log, and an output of a workflow, have it masked',
    )
  }
  return encrypted == null
    ? invalid(
        'It has no secret of the access key',
        'Hand out secret_access_key as well; the secret of a key that was imported nobody has: apply the next generation',
      )
    : invalid(
        'It has the secret of the access key only encrypted',
        `Set ${SECRET_VARIABLE} in the environment to what \`terraform output -raw encrypted_secret_access_key | base64 -d | gpg -d\` prints`,
      )
}

const findingsOf = (parsed: Parsed<string>): readonly Finding[] => ('value' in parsed ? [] : parsed.findings)

function timeOf(text: string | null | undefined): Date | undefined {
  const time = new Date(text ?? Number.NaN)
  return Number.isNaN(time.getTime()) ? undefined : time
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}
