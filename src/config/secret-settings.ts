// Settings of Terraform's backends that hold a secret, or, as `conn_str` does, may.
const SECRET_SETTING =
  /(?:secret|password|passwd|passphrase|token|access_key|account_key|encryption_key|customer_key|client_key|private_key|key_pem|conn_str|http_auth)/
const SECRET_SETTINGS = ['credentials']
// Settings that say where a secret is, or which one, are none themselves.
const POINTER = /(?:_file|_files|_suffix|_path|_id|_arn|_url|_endpoint)$/

/** Whether a setting of a backend looks like a secret by its name. */
export function isSecretSetting(name: string): boolean {
  const key = name.toLowerCase()
  return SECRET_SETTINGS.includes(key) || (SECRET_SETTING.test(key) && !POINTER.test(key))
}
