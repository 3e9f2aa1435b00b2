import path from 'node:path'
import * as fc from 'fast-check'
import { COMMANDS } from '../../src/commands'
import { INPUT_NAMES, InvalidInput, parseRequest, secretsOf } from '../../src/config'
import { NO_OTHERS } from '../../src/store/spec'
import { FIRST, parsed, problems, refused, source, TOKEN, type Values } from './source'

describe('defaults', () => {
  it('makes the whole configuration from the four inputs of the first example', () => {
    expect(parsed()).toEqual({
      command: 'apply',
      store: {
        bucketName: 'my-valohai-bucket',
        region: 'eu-west-1',
        projects: ['acme/churn-model'],
        storeAccess: 'project',
        manageBucket: true,
        publicAccessBlock: true,
        valohaiOrigin: 'https://app.valohai.com',
        cors: true,
        multipart: true,
        versioning: false,
        noncurrentDays: 90,
        abortMultipartDays: undefined,
        kmsKeyArn: undefined,
        kmsDecryptKeyArns: [],
        kmsKeptKeyArns: [],
        denyReconfiguration: false,
        iamUserName: undefined,
        multipartRoleName: undefined,
        iamPath: '/',
        permissionsBoundary: undefined,
        keyGraceDays: 7,
        maxKeyAgeDays: undefined,
        tags: {},
        stateTag: undefined,
        adopt: false,
        others: NO_OTHERS,
        storeName: undefined,
        setDefault: true,
      },
      terraform: {
        version: '1.15.9',
        versionIsExplicit: false,
        awsProviderVersion: '5.100.0',
        backend: {
          type: 's3',
          bucket: 'my-valohai-bucket-tfstate',
          key: 'valohai-s3/my-valohai-bucket.tfstate',
          region: 'eu-west-1',
          owner: undefined,
          extra: {},
        },
      },
      valohai: { origin: 'https://app.valohai.com', token: TOKEN, projects: ['acme/churn-model'] },
      output: {
        directory: 'valohai-s3-terraform',
        directoryIsExplicit: false,
        format: 'hcl',
        layout: 'root',
        force: false,
      },
      github: { comment: true, issue: false, token: undefined },
      aws: { allowedAccountIds: [], proveKey: true },
    })
  })

  it('takes every input', () => {
    const key = 'arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab'
    const earlier = key.replace('mrk-1', 'mrk-2')
    const request = parsed({
      command: 'plan',
      region: 'us-gov-west-1',
      'valohai-project': 'acme/a\n# the same again\nacme/b\nacme/a\n',
      'store-access': 'organization',
      'public-access-block': 'false',
      'noncurrent-days': '30',
      'deny-reconfiguration': 'true',
      'iam-path': '/valohai/',
      'permissions-boundary': 'arn:aws-us-gov:iam::123456789012:policy/a/b',
      'kms-decrypt-key-arns': earlier,
      'valohai-url': 'https://valohai.acme.com:8443/',
      'store-name': 'Outputs – tärkeät 📦',
      'set-default': 'FALSE',
      cors: 'False',
      versioning: 'true',
      'abort-multipart-days': '0',
      'max-key-age-days': '90',
      'key-grace-days': '0',
      'iam-user-name': 'valohai+s3=user,a.b@c_d-e',
      'multipart-role-name': 'role',
      'kms-key-arn': key,
      tags: '# who pays\r\nCostCenter = a=b:c/d \r\n\r\nempty=\nÄmter=x y',
      'state-bucket': 'state',
      'state-key': 'a/b..c.tfstate',
      'state-region': 'us-gov-east-1',
      'state-bucket-owner': '9999-9999-9999',
      'allowed-account-ids': '123456789012\n# the old one\n0123-4567-8901',
      'prove-key': 'false',
      'backend-config': 'kms_key_id=abc\nprofile = ci',
      'terraform-version': '1.12.2',
      'aws-provider-version': '6.41.0',
      'output-dir': './out',
      format: 'json',
      comment: 'false',
      'github-token': 'ghs_x',
    })
    expect(request).toEqual({
      command: 'plan',
      store: {
        bucketName: 'my-valohai-bucket',
        region: 'us-gov-west-1',
        projects: ['acme/a', 'acme/b'],
        storeAccess: 'organization',
        manageBucket: true,
        publicAccessBlock: false,
        valohaiOrigin: 'https://valohai.acme.com:8443',
        cors: false,
        multipart: true,
        versioning: true,
        noncurrentDays: 30,
        abortMultipartDays: 0,
        kmsKeyArn: key,
        kmsDecryptKeyArns: [earlier],
        kmsKeptKeyArns: [],
        denyReconfiguration: true,
        iamUserName: 'valohai+s3=user,a.b@c_d-e',
        multipartRoleName: 'role',
        iamPath: '/valohai/',
        permissionsBoundary: 'arn:aws-us-gov:iam::123456789012:policy/a/b',
        keyGraceDays: 0,
        maxKeyAgeDays: 90,
        stateTag: undefined,
        tags: { CostCenter: 'a=b:c/d', empty: '', Ämter: 'x y' },
        adopt: false,
        others: NO_OTHERS,
        storeName: 'Outputs – tärkeät 📦',
        setDefault: false,
      },
      terraform: {
        version: '1.12.2',
        versionIsExplicit: true,
        awsProviderVersion: '6.41.0',
        backend: {
          type: 's3',
          bucket: 'state',
          key: 'a/b..c.tfstate',
          region: 'us-gov-east-1',
          owner: '999999999999',
          extra: { kms_key_id: 'abc', profile: 'ci' },
        },
      },
      valohai: {
        origin: 'https://valohai.acme.com:8443',
        token: TOKEN,
        projects: ['acme/a', 'acme/b'],
      },
      output: { directory: './out', directoryIsExplicit: true, format: 'json', layout: 'root', force: false },
      github: { comment: false, issue: false, token: 'ghs_x' },
      aws: { allowedAccountIds: ['123456789012', '012345678901'], proveKey: false },
    })
  })

  it('counts the characters of a store name, not its bytes or surrogates', () => {
    expect(parsed({ 'store-name': '📦'.repeat(64) }).store.storeName).toBe('📦'.repeat(64))
    expect(problems({ 'store-name': '📦'.repeat(65) })).toHaveLength(1)
  })

  it('takes opentofu for a version, and an owner with a team', () => {
    const request = parsed({
      'terraform-version': 'opentofu',
      'valohai-project': 'acme:vision/churn.model-2',
    })
    expect(request.terraform).toMatchObject({ version: 'opentofu', versionIsExplicit: true })
    expect(request.valohai?.projects).toEqual(['acme:vision/churn.model-2'])
  })

  it('sets up another backend by its settings alone', () => {
    const settings = 'resource_group_name=rg\nkey=churn.tfstate\nuse_oidc=true'
    expect(parsed({ backend: 'azurerm', 'backend-config': settings }).terraform.backend).toEqual({
      type: 'azurerm',
      settings: { resource_group_name: 'rg', key: 'churn.tfstate', use_oidc: 'true' },
    })
    expect(parsed({ backend: 'local', 'backend-config': 'path=x.tfstate' }).terraform.backend).toEqual({
      type: 'local',
      settings: { path: path.resolve('x.tfstate') },
    })
    expect(parsed({ command: 'synth', backend: 'local' }).terraform.backend).toEqual({
      type: 'local',
      settings: {},
    })
  })
})

describe('environment', () => {
  it.each<[Values, Values, string]>([
    [{ region: 'eu-west-1' }, { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-1'],
    [{ region: ' ' }, { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-2'],
    [{ region: '' }, { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-3'],
  ])('region of %j in %j is %s', (inputs, environment, region) => {
    expect(parsed(inputs, environment).store.region).toBe(region)
  })

  it.each<[Values, string]>([
    [{ VALOHAI_TOKEN: 'a', VALOHAI_API_TOKEN: 'b', VH_API_TOKEN: 'c' }, 'a'],
    [{ VALOHAI_API_TOKEN: 'b', VH_API_TOKEN: 'c' }, 'b'],
    [{ VH_API_TOKEN: ' c\n' }, 'c'],
  ])('token of %j is %s', (environment, token) => {
    expect(parsed({ 'valohai-token': '' }, environment).valohai?.token).toBe(token)
  })

  it.each<[Values, string]>([
    [{ VALOHAI_HOST: 'https://a.example/', VH_HOST: 'https://b.example' }, 'https://a.example'],
    [{ VH_HOST: 'https://b.example' }, 'https://b.example'],
    [{}, 'https://app.valohai.com'],
  ])('address of %j is %s, for the API and for CORS', (environment, origin) => {
    const { valohai, store } = parsed({}, environment)
    expect([valohai?.origin, store.valohaiOrigin]).toEqual([origin, origin])
  })

  it('names the variable that a bad value came from', () => {
    expect(problems({ region: '' }, { AWS_DEFAULT_REGION: 'eu-west1' })).toEqual([
      {
        input: 'region',
        problem: '"eu-west1" is not the code of an AWS region (read from AWS_DEFAULT_REGION)',
        fix: 'Write "eu-west-1"',
      },
    ])
  })

  it('does not look at a variable while the input is given', () => {
    expect(parsed({}, { AWS_REGION: 'nonsense', VALOHAI_TOKEN: 'two words' }).store.region).toBe('eu-west-1')
  })
})

it.each([
  'us-east-1',
  'ap-southeast-7',
  'mx-central-1',
  'il-central-1',
  'me-west-1',
  'cn-northwest-1',
  'us-gov-east-1',
  'us-iso-west-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
  'us-isof-south-1',
  'eusc-de-east-1',
  'eu-west-12',
])('takes region %s', (region) => {
  expect(parsed({ region }).store.region).toBe(region)
})

it.each([
  'http://localhost:8000',
  'http://127.0.0.1:8000',
  'http://127.9.9.9',
  'http://[::1]:1234',
  'https://a.b',
])('takes the address %s', (url) => {
  expect(parsed({ 'valohai-url': url }).valohai?.origin).toBe(url)
})

it("takes a bucket of an account's own namespace, with a provider that can make it", () => {
  const bucket = 'my-123456789012-eu-west-1-an'
  expect(parsed({ bucket, 'aws-provider-version': '6.40.0' }).store.bucketName).toBe(bucket)
  expect(parsed({ bucket, 'manage-bucket': 'false' }).store.bucketName).toBe(bucket)
})

it('names the state of a second project on a bucket after both', () => {
  const { backend } = parsed({ 'manage-bucket': 'false' }).terraform
  expect(backend).toMatchObject({ key: 'valohai-s3/my-valohai-bucket-acme-churn-model.tfstate' })
})

it.each(['abc', '0-0', 'a'.repeat(63), 'a--b', 'xn-a', 'milan-an'])('takes bucket %s', (bucket) => {
  expect(parsed({ bucket }).store.bucketName).toBe(bucket)
})

describe('what each command needs', () => {
  const bare = { bucket: 'my-valohai-bucket', region: 'eu-west-1' }
  const withProject = { ...bare, 'valohai-project': 'acme/churn-model' }
  const withToken = { ...bare, 'valohai-token': TOKEN }
  const missing = (inputs: Values): readonly string[] => refused(inputs).problems.map(({ input }) => input)

  it('apply needs the project and the token', () => {
    expect(missing(bare)).toEqual(['valohai-project', 'valohai-token'])
  })

  it('plan needs both or neither', () => {
    const plan = { command: 'plan' }
    expect(parseRequest(source({ ...bare, ...plan }), COMMANDS).request.valohai).toBeUndefined()
    expect(parseRequest(source({ ...FIRST, ...plan }), COMMANDS).request.valohai?.projects).toEqual([
      'acme/churn-model',
    ])
    expect(missing({ ...withProject, ...plan })).toEqual(['valohai-token'])
    expect(missing({ ...withToken, ...plan })).toEqual(['valohai-project'])
  })

  it('synth needs neither, and does not look at a token', () => {
    const synth = { command: 'synth', 'valohai-token': 'two words' }
    const { request } = parseRequest(source({ ...withProject, ...synth }), COMMANDS)
    expect(request).toMatchObject({
      valohai: undefined,
      store: { projects: ['acme/churn-model'], storeName: undefined, setDefault: true },
    })
  })

  it('every command needs the bucket and the region', () => {
    for (const command of ['plan', 'synth']) expect(missing({ command })).toEqual(['bucket', 'region'])
  })

  it('synth takes a module, and a backend that is the default anyway', () => {
    const { output } = parsed({
      command: 'synth',
      layout: 'module',
      backend: 's3',
      force: 'true',
      'output-dir': 'm',
    })
    expect(output).toEqual({
      directory: 'm',
      directoryIsExplicit: true,
      format: 'hcl',
      layout: 'module',
      force: true,
    })
  })
})

describe('InvalidInput', () => {
  it('lists every problem at once, one a line, with its fix', () => {
    const error = refused({
      bucket: 'My_Bucket',
      region: 'eu-west1',
      'valohai-project': 'churn',
      cors: 'yes',
      tags: 'a\nb',
      'kms-key-arn': 'alias/a',
    })
    expect(error.name).toBe('InvalidInput')
    expect(error.message.split('\n')).toEqual([
      'Invalid input: 8 problems. Nothing was changed.',
      '- bucket: "My_Bucket" has capital letters and has underscores. Write "my-bucket".',
      '- region: "eu-west1" is not the code of an AWS region. Write "eu-west-1".',
      expect.stringMatching(/^- valohai-project: "churn" is neither/),
      expect.stringMatching(/^- valohai-token: Nothing is given/),
      '- cors: "yes" is neither true nor false. Write true.',
      expect.stringMatching(/^- kms-key-arn: "alias\/a" is an alias/),
      '- tags: Line 1 has no "=". Write one key=value a line.',
      '- tags: Line 2 has no "=". Write one key=value a line.',
    ])
  })

  it('keeps a value of many lines on one line, so that it is no workflow command', () => {
    const { message } = refused({ ...FIRST, bucket: 'a\n::stop-commands::x' })
    expect(message.split('\n')).toHaveLength(2)
  })

  it('cuts a long value', () => {
    expect(refused({ ...FIRST, 'iam-user-name': 'x'.repeat(5000) }).message.length).toBeLessThan(400)
  })

  it.each<Values>([
    { 'valohai-token': `Token ${TOKEN}` },
    { 'valohai-token': `${TOKEN}\n${TOKEN}` },
    { bucket: TOKEN.toUpperCase(), 'valohai-token': TOKEN.toUpperCase() },
    { bucket: `${'x'.repeat(90)}${TOKEN}` },
    { 'valohai-project': TOKEN },
    { 'store-name': `${TOKEN}\u0000` },
    { region: TOKEN },
    { tags: `${TOKEN}*=x` },
    { 'valohai-url': `https://joe:${TOKEN}@acme.com` },
    { 'valohai-url': `https://acme.com/?token=${TOKEN}` },
    { 'valohai-url': `https://acme.com/${TOKEN}` },
    { 'valohai-url': TOKEN },
    { 'valohai-url': `http://${TOKEN}` },
    { 'backend-config': TOKEN },
    { 'backend-config': `${TOKEN}=` },
    { 'backend-config': `secret_key="${TOKEN}"` },
    { 'backend-config': `assume_role={${TOKEN}}` },
  ])('shows no secret of %j', (inputs) => {
    expect(refused({ ...FIRST, ...inputs }).message.toLowerCase()).not.toContain(TOKEN.slice(0, 8))
  })

  it('throws nothing else, and never shows the token, whatever the inputs', () => {
    const values = fc.dictionary(
      fc.constantFrom(...INPUT_NAMES),
      fc.oneof(fc.string({ unit: 'binary' }), fc.constant(TOKEN)),
    )
    fc.assert(
      fc.property(values, (inputs) => {
        try {
          parseRequest(source({ ...FIRST, ...inputs, 'github-token': TOKEN }), COMMANDS)
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput)
          expect((error as InvalidInput).message).not.toContain(TOKEN)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('secretsOf', () => {
  it('finds the tokens in every place, the longest first', () => {
    const inputs = { 'valohai-token': ' input-token ', 'github-token': 'ghs' }
    expect(secretsOf(source(inputs, { VALOHAI_TOKEN: 'first', VH_API_TOKEN: 'third' }))).toEqual([
      'input-token',
      'first',
      'third',
      'ghs',
    ])
  })

  it('finds the token behind its scheme, and each line of one with lines', () => {
    expect(secretsOf(source({ 'valohai-token': 'Token abc' }))).toContain('abc')
    expect(secretsOf(source({ 'valohai-token': 'abc\r\ndef' }))).toEqual(
      expect.arrayContaining(['abc', 'def']),
    )
  })

  it('finds secret settings of the backend, and passwords in URLs', () => {
    const lines = [
      'access_key=AKIA',
      'secret_key=s3cret',
      'token = session',
      'password=p=w',
      'sas_token=sv',
      'credentials={"a":1}',
      'conn_str=postgres://joe:p%40ss@db/x',
      'address=https://joe:pass2@state.acme.com',
      'kms_key_id=kms',
      'profile=ci',
      'secret_suffix=churn',
      'bucket=b',
      'web_identity_token_file=/run/x',
      'key=k',
      'nonsense',
    ]
    expect(new Set(secretsOf(source({ 'backend-config': lines.join('\n') })))).toEqual(
      new Set([
        'AKIA',
        's3cret',
        'session',
        'p=w',
        'sv',
        '{"a":1}',
        'postgres://joe:p%40ss@db/x',
        'p%40ss',
        'p@ss',
        'pass2',
      ]),
    )
  })

  it('is empty where nothing is given', () => {
    expect(secretsOf(source({ 'valohai-token': '  ', 'valohai-url': 'https://a.b' }))).toEqual([])
  })
})
