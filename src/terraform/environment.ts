type Environment = Readonly<Record<string, string | undefined>>

/**
 * What reaches Terraform, its provider and its backend, by kind. Anything else of the job's stays out: its tokens,
 * and the settings of the Terraform that it runs for itself.
 */
const KINDS: readonly RegExp[] = [
  // The system's own: where programs, the home and temporary files are. Windows writes its names in any case.
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TE?MP|TMPDIR|XDG_.*|LD_LIBRARY_PATH)$/i,
  /^(PATHEXT|COMSPEC|SYSTEM(ROOT|DRIVE)|WINDIR|USERPROFILE|HOME(DRIVE|PATH)|(LOCAL)?APPDATA|PROGRAM(DATA|FILES))$/i,
  // The way out: the proxy, and which certificates are trusted.
  /^((HTTPS?|ALL|NO)_PROXY)$/i,
  /^SSL_CERT_(FILE|DIR)$/,
  // Of Go's runtime, which all of them are programs of.
  /^GO(DEBUG|GC|MAXPROCS|MEMLIMIT|TRACEBACK)$/,
  // Where Terraform is: behind a setup action's wrapper, a version manager, or at a mirror of its releases.
  /^(TERRAFORM|TOFU)_CLI_PATH$/,
  /^TERRAFORM_RELEASES_URL$/,
  /^(TFENV|TOFUENV|TENV|ASDF|MISE)_/,
  // Credentials, endpoints, profiles and certificates of AWS.
  /^AWS_/,
  /^TF_AWS_(DYNAMODB|IAM|S3|STS)_ENDPOINT$/,
  // Where providers come from, and the tokens for it.
  /^(TF_CLI_CONFIG_FILE|TERRAFORM_CONFIG)$/,
  /^TF_PLUGIN_CACHE_(DIR|MAY_BREAK_DEPENDENCY_LOCK_FILE)$/,
  /^TF_(REATTACH_PROVIDERS|DISABLE_PLUGIN_TLS|PROVIDER_DOWNLOAD_RETRY)$/,
  /^TF_(REGISTRY|TOKEN)_/,
  // How much it tells, and to whom.
  /^(TF_LOG.*|TF_APPEND_USER_AGENT|OTEL_.*)$/,
  // What the backends read: azurerm, consul, cos, gcs, http, kubernetes, oss, pg and cloud.
  /^(ARM|AZURE|MSI|IDENTITY)_/,
  /^ACTIONS_ID_TOKEN_REQUEST_(URL|TOKEN)$/,
  /^CONSUL_/,
  /^TENCENTCLOUD_/,
  /^(GOOGLE|GCLOUD|CLOUDSDK|GCE)_/,
  /^TF_HTTP_/,
  /^KUBE(_.*|CONFIG|RNETES_.*)$/,
  /^(ALICLOUD|ALIBABA_?CLOUD|OSS)_/,
  /^PG[A-Z_]*$/,
  /^TF_CLOUD_/,
  /^TF_STATE_PERSIST_INTERVAL$/,
]

/** What a run sets itself, whatever it was: see `TerraformCli`. */
const SET_BY_THE_RUN = ['TF_IN_AUTOMATION', 'TF_INPUT']

/** What Terraform and OpenTofu read, as far as their names tell. */
const SETTING = /^(TF|TOFU)_/

/** The environment of Terraform's process, and what is not in it. */
export interface TerraformEnvironment {
  readonly environment: Environment
  /** Names that would have changed what Terraform does, in alphabetical order; never their values. */
  readonly leftOut: readonly string[]
}

/** What the rest of a run says about it. */
export interface EnvironmentOptions {
  /** The configuration's: `TF_VAR_…` of any other is nothing to Terraform. */
  readonly variables: readonly string[]
  /** The backend's type: of HCP Terraform (`cloud`) the workspace is a setting. */
  readonly backend: string
}

/**
 * The part of a job's environment that Terraform may have: an allow-list, since a job with Terraform of its own
 * has settings for it that would change ours (`TF_WORKSPACE`, `TF_CLI_ARGS`, `TF_VAR_region`).
 */
export function terraformEnvironment(
  environment: Environment,
  { variables, backend }: EnvironmentOptions,
): TerraformEnvironment {
  const isAllowed = (name: string): boolean =>
    KINDS.some((kind) => kind.test(name)) || (name === 'TF_WORKSPACE' && backend === 'cloud')
  const wouldChange = (name: string): boolean => {
    const variable = /^TF_VAR_(.*)$/.exec(name)?.[1]
    if (variable !== undefined) return variables.includes(variable)
    return SETTING.test(name) && !SET_BY_THE_RUN.includes(name)
  }
  const names = Object.keys(environment).filter((name) => (environment[name] ?? '') !== '')
  return {
    environment: Object.fromEntries(Object.entries(environment).filter(([name]) => isAllowed(name))),
    leftOut: names.filter((name) => !isAllowed(name) && wouldChange(name)).sort(),
  }
}
