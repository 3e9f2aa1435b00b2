import { type KeyValue, keyValues, repeated } from './key-values'
import { type Finding, type Parsed, valid } from './problems'
import { isSecretSetting } from './secret-settings'
import type { OtherBackendType } from './request'

/** Settings of the S3 backend that have an input of their own. */
const OWN_INPUTS: Readonly<Record<string, string>> = {
  bucket: 'Give the name as state-bucket',
  key: 'Give the key as state-key',
  region: 'Give the region as state-region',
  use_lockfile: 'Leave it out: the state is always locked',
}

/** Settings of the S3 backend that are blocks, maps or lists. */
const NOT_TEXT: Readonly<Record<string, string>> = {
  assume_role:
    'Assume the role before this step, for example with role-to-assume of aws-actions/configure-aws-credentials',
  assume_role_with_web_identity:
    'Assume the role before this step, for example with role-to-assume of aws-actions/configure-aws-credentials',
  endpoints: 'Set AWS_ENDPOINT_URL_S3 in the environment',
  allowed_account_ids: 'Give them as allowed-account-ids',
  forbidden_account_ids: 'Leave it out: the credentials decide which account it is',
  shared_config_files: 'Set AWS_CONFIG_FILE in the environment',
  shared_credentials_files: 'Set AWS_SHARED_CREDENTIALS_FILE in the environment',
}

const none: Readonly<Record<string, string>> = {}

function faultOf(pair: KeyValue, type: 's3' | OtherBackendType): Finding | undefined {
  const { line, key, value } = pair
  const where = `Line ${line}: `
  // The key is shown only where it is a name: a line of something else may be a secret, cut at its "=".
  if (!/^[a-z][a-z0-9_]*$/.test(key)) {
    return {
      problem: `${where}what stands before the "=" is not the name of a setting`,
      fix: 'Write one name=value a line; names have lowercase letters, digits and underscores',
    }
  }
  const settings = type === 's3' ? { own: OWN_INPUTS, notText: NOT_TEXT } : { own: none, notText: none }
  const own = settings.own[key]
  if (own !== undefined) return { problem: `${where}${key} has an input of its own`, fix: own }
  const notText = settings.notText[key]
  if (notText !== undefined) return { problem: `${where}${key} is not a single value`, fix: notText }
  if (value === '')
    return { problem: `${where}the setting has no value`, fix: 'Write a value or leave the line out' }
  if (/^".*"$/.test(value)) return { problem: `${where}the value is in quotes`, fix: 'Leave the quotes out' }
  // A JSON key of a Google service account also begins with a brace, and is one value.
  if (/^[{[]/.test(value) && !isSecretSetting(key)) {
    return { problem: `${where}the value is a map or a list`, fix: 'Use settings with a single value' }
  }
  return undefined
}

/** Settings of a Terraform backend, one `name=value` a line. A secret among them is refused. */
export function backendSettings(
  text: string,
  type: 's3' | OtherBackendType,
): Parsed<Readonly<Record<string, string>>> {
  const { pairs, findings } = keyValues(text)
  const all = [
    ...findings,
    ...pairs.flatMap((pair) => faultOf(pair, type) ?? []),
    ...repeated(pairs, (key) => key).map(({ pair, earlier }) => ({
      problem: `Line ${pair.line}: the setting is also on line ${earlier.line}`,
      fix: 'Keep one of them',
    })),
    // Terraform keeps a backend's settings in a file beside the configuration, in plain.
    ...pairs
      .filter(({ key }) => isSecretSetting(key))
      .map(({ line, key }) => ({
        problem: `Line ${line}: ${key} is a secret, and would be written into files`,
        fix: 'Leave it out, and set it in the environment, under the name that the backend documents',
      })),
  ]
  if (all.length > 0) return { findings: all }
  return valid(Object.fromEntries(pairs.map(({ key, value }) => [key, value])))
}
