import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { INPUT_NAMES, INPUTS } from '../../src/config'
import { variablesOf } from '../../src/infra/variables'
import { terraformEnvironment } from '../../src/terraform/environment'
import { defaultOptions } from '../support/options'

const VARIABLES = variablesOf(defaultOptions('acme'), true).map(({ name }) => name)
const options = { variables: VARIABLES, backend: 's3' }

/** What Terraform itself reads of its environment: every such name in its program. */
function settingsOfTerraform(): readonly string[] {
  const program = realpathSync(
    execFileSync('sh', ['-c', 'command -v terraform'], { encoding: 'utf8' }).trim(),
  )
  const names = execFileSync('grep', ['-aoE', 'TF_[A-Z][A-Z_]*', program], { encoding: 'utf8' })
    .trim()
    .split('\n')
  // Texts stand one after another there, so that a name may seem to go on.
  return [...new Set(names)].filter(
    (name) => !/^TF_(LOG_PATHTF|CLOUD_PROJECTU|FORCE_LOCAL_BACKENDF)/.test(name),
  )
}

/** Settings of Terraform's that a run needs, or that are about how it tells: any other changes what it does. */
const KEPT =
  /^TF_(CLI_CONFIG_FILE|PLUGIN_CACHE_.*|REATTACH_PROVIDERS|LOG.*|CLOUD_.*|REGISTRY_.*|PROVIDER_DOWNLOAD_RETRY|TOKEN_|HTTP_.*|APPEND_USER_AGENT|STATE_PERSIST_INTERVAL|DISABLE_PLUGIN_TLS)$/
const SET_BY_US = ['TF_INPUT', 'TF_IN_AUTOMATION']

/** What Terraform composes, so that it is not in its program as a whole, and what the provider reads. */
const COMPOSED = [
  'TF_CLI_ARGS',
  'TF_CLI_ARGS_plan',
  'TF_AWS_DEFAULT_TAGS_team',
  'TF_AWS_IGNORE_TAGS_KEYS',
  'TF_AWS_IGNORE_TAGS_KEY_PREFIXES',
  'TF_ENCRYPTION',
]

it.each(VARIABLES)('of the variable %s nothing but its value counts', (name) => {
  const given = { [`TF_VAR_${name}`]: 'anything' }
  expect(terraformEnvironment(given, options)).toEqual({ environment: {}, leftOut: [`TF_VAR_${name}`] })
})

it.each([...settingsOfTerraform(), ...COMPOSED])('%s is kept, or left out and named', (name) => {
  const { environment, leftOut } = terraformEnvironment({ [name]: 'value' }, options)
  if (KEPT.test(name))
    expect({ environment, leftOut }).toEqual({ environment: { [name]: 'value' }, leftOut: [] })
  else if (SET_BY_US.includes(name) || name === 'TF_VAR_')
    expect({ environment, leftOut }).toEqual({ environment: {}, leftOut: [] })
  else expect({ environment, leftOut }).toEqual({ environment: {}, leftOut: [name] })
})

it('knows the settings that Terraform has', () => {
  expect(settingsOfTerraform()).toEqual(expect.arrayContaining(['TF_WORKSPACE', 'TF_DATA_DIR', 'TF_LOG']))
})

it.each(
  `PATH HOME TMPDIR LANG LC_ALL SSL_CERT_FILE SSL_CERT_DIR HTTPS_PROXY https_proxy NO_PROXY
  SystemRoot Path APPDATA GODEBUG
  AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_REGION AWS_ROLE_ARN
  AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3 AWS_CA_BUNDLE
  AWS_SSE_CUSTOMER_KEY TF_CLI_CONFIG_FILE TF_PLUGIN_CACHE_DIR TF_TOKEN_app_terraform_io TF_LOG_PROVIDER
  TF_REGISTRY_CLIENT_TIMEOUT TF_HTTP_PASSWORD GOOGLE_CREDENTIALS ARM_CLIENT_SECRET
  ACTIONS_ID_TOKEN_REQUEST_URL CONSUL_HTTP_TOKEN KUBE_CONFIG_PATH KUBECONFIG PG_CONN_STR PGPASSWORD
  TENCENTCLOUD_SECRET_KEY ALICLOUD_ACCESS_KEY TF_CLOUD_ORGANIZATION TERRAFORM_CLI_PATH TFENV_ROOT`
    .trim()
    .split(/\s+/),
)('%s reaches Terraform', (name) => {
  expect(terraformEnvironment({ [name]: 'value' }, options)).toEqual({
    environment: { [name]: 'value' },
    leftOut: [],
  })
})

it("nothing else of the job's does, and is no news: its inputs and tokens above all", () => {
  const secrets = INPUT_NAMES.flatMap((name) =>
    INPUTS[name].secret === true ? [`INPUT_${name.toUpperCase()}`, ...(INPUTS[name].environment ?? [])] : [],
  )
  const names = [...secrets, 'GITHUB_TOKEN', 'NPM_TOKEN', 'TF_VAR_of_another_configuration', 'NODE_OPTIONS']
  const given = Object.fromEntries(names.map((name) => [name, 'value']))
  expect(terraformEnvironment(given, options)).toEqual({ environment: {}, leftOut: [] })
})

it('says nothing of what is empty, and names the rest in order, without their values', () => {
  const given = { TF_WORKSPACE: 's3cret', TF_CLI_ARGS: '-input=false', TF_DATA_DIR: '' }
  const { leftOut } = terraformEnvironment(given, options)
  expect(leftOut).toEqual(['TF_CLI_ARGS', 'TF_WORKSPACE'])
})

it('keeps the workspace where that says where the state is: in HCP Terraform', () => {
  const given = { TF_WORKSPACE: 'valohai' }
  expect(terraformEnvironment(given, { ...options, backend: 'cloud' })).toEqual({
    environment: given,
    leftOut: [],
  })
})
