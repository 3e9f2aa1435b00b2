import { plannedOf } from '../../src/export/planned'
import { exportReadme } from '../../src/export/readme'
import { deployerPolicies } from '../../src/store/deployer-policy'
import { deployment } from '../support/deployment'
import { fences, sectionOf, skeleton } from './markdown'
import { requestOf, SPEC } from './request'

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'

const readme = (...changes: Parameters<typeof requestOf>): string => exportReadme(requestOf(...changes))

test('the same request gives the same text', () => {
  expect(readme()).toBe(readme())
})

test('is whole Markdown, in one line for each paragraph, with one heading of the first level', () => {
  const lines = skeleton(readme())
  expect(lines.filter((line) => line === 'heading # ')).toHaveLength(1)
  expect(readme()).toMatch(/^# .*\n\n[^]*-->\n$/)
  expect(readme()).not.toMatch(/\n\n\n|[ \t]\n|undefined|NaN|\[object/)
})

describe('the reasons', () => {
  test('are those of the blocks, for each resource', () => {
    const { blocks } = requestOf()
    const section = sectionOf(readme(), 'What it makes, and why')
    for (const { labels, comment = '' } of blocks.filter(({ type }) => type === 'resource')) {
      expect(comment).not.toBe('')
      expect(section).toContain(`| \`${labels.join('.')}\` | ${comment.replaceAll(/[_*]/g, '\\$&')} |`)
    }
  })
})

describe('who may apply it', () => {
  const section = (...changes: Parameters<typeof requestOf>) =>
    sectionOf(readme(...changes), 'Who may apply it')
  const documents = (...changes: Parameters<typeof requestOf>): unknown[] =>
    fences(section(...changes)).map(({ lines }): unknown => JSON.parse(lines.join('\n')))

  test('is the role with the policy that deployer-policy prints, and its boundary', () => {
    const { policy, boundary } = deployerPolicies(
      deployment({ bucket: SPEC.bucketName, region: SPEC.region, 'allowed-account-ids': '' }),
    )
    expect(documents()).toEqual([policy, boundary?.document])
  })

  test("has no boundary to make where one was given, and no state where the backend is the caller's", () => {
    const given = 'arn:aws:iam::123456789012:policy/boundary'
    expect(documents({ spec: { permissionsBoundary: given } })).toHaveLength(1)
    expect(section({ spec: { permissionsBoundary: given } })).toContain(given)
    expect(section({ target: { layout: 'module' } })).not.toContain('tfstate')
  })
})

describe('the policies', () => {
  const shown = (...changes: Parameters<typeof requestOf>): unknown[] =>
    fences(sectionOf(readme(...changes), 'Policies as they will be')).map(({ lines }): unknown =>
      JSON.parse(lines.join('\n')),
    )

  test('are those of user, role, trust and bucket, with the values filled in', () => {
    const { userPolicy, role, bucketPolicy } = plannedOf(SPEC, '<ACCOUNT_ID>')
    expect(shown()).toEqual([userPolicy, role?.policy, role?.trust, bucketPolicy])
    expect(JSON.stringify(role?.trust)).toContain('arn:aws:iam::<ACCOUNT_ID>:user/valohai-my-valohai-bucket')
  })

  test.each([
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eu-west-1', 'aws'],
  ])('in %s, the ARNs are of the partition %s', (region, partition) => {
    const arns = JSON.stringify(shown({ spec: { region } })).match(/"arn:[^"]*"/g) ?? []
    expect(arns).toHaveLength(8)
    for (const arn of arns) expect(arn.startsWith(`"arn:${partition}:`)).toBe(true)
  })

  test('leave out a role that is not made, and name the KMS key', () => {
    expect(shown({ spec: { multipart: false } })).toHaveLength(2)
    expect(JSON.stringify(shown({ spec: { multipart: false } }))).not.toContain('ACCOUNT_ID')
    expect(JSON.stringify(shown({ spec: { kmsKeyArn: KEY } })).split(KEY)).toHaveLength(3)
  })
})

test('says where the accepted findings of scanners are explained', () => {
  expect(readme()).toContain('skipped in `main.tf`, at the resource')
  expect(readme({ target: { format: 'json' } })).not.toContain('main.tf`')
})

describe('applying by hand', () => {
  const shell = (...changes: Parameters<typeof requestOf>): string =>
    fences(sectionOf(readme(...changes), 'Apply it by hand'))
      .filter(({ language }) => language === 'sh')
      .flatMap(({ lines }) => lines)
      .join('\n')

  test('the state bucket is made private, versioned, encrypted and TLS only, where it belongs', () => {
    const settings = { bucket: 'states', key: 'x', region: 'cn-north-1' }
    const commands = shell({ target: { backend: { type: 's3', settings } } })
    expect(commands.match(/aws s3api \S+ --bucket states --region cn-north-1/g)).toHaveLength(5)
    expect(commands).toContain('--create-bucket-configuration LocationConstraint=cn-north-1')
    expect(commands).toContain('"arn:aws-cn:s3:::states/*"')
    expect(commands).toContain('"aws:SecureTransport":"false"')
  })

  test('us-east-1 is never named as a location constraint', () => {
    const settings = { bucket: 'states', key: 'x', region: 'us-east-1' }
    expect(shell({ target: { backend: { type: 's3', settings } } })).not.toContain('LocationConstraint')
  })

  test.each(['local', 'gcs'])('with the backend %s, no state bucket is made', (type) => {
    const commands = shell({ target: { backend: { type, settings: {} } } })
    expect(commands).toContain('terraform init\nterraform plan -out=tfplan\nterraform apply tfplan')
    expect(commands).not.toContain('aws s3api')
  })

  test('a module is called with the values that are not its defaults, and again with what it needs', () => {
    const spec = { tags: { 'cost-center': '${x}' }, abortMultipartDays: 3, kmsKeyArn: KEY }
    const text = sectionOf(readme({ spec, target: { layout: 'module' } }), 'Apply it by hand')
    const [first = '', second = ''] = text.split('module "').slice(1)
    expect(first).toMatch(/abort_multipart_days += 3\n/)
    expect(first).toContain('"cost-center" = "$${x}"')
    for (const call of [first, second]) expect(call).toContain(KEY)
    expect(second).not.toContain('abort_multipart_days')
    expect(text).toContain('`bucket_name` and `kms_key_arn` are required')
  })

  test('a module is called twice, and its outputs are handed on', () => {
    const text = sectionOf(readme({ target: { layout: 'module' } }), 'Apply it by hand')
    expect(text.match(/^ {2}source +=/gm)).toHaveLength(2)
    expect(text).not.toContain('s3api')
    expect(text).toContain('sensitive = true')
  })
})

describe('the store in Valohai', () => {
  test('has the exact values', () => {
    const section = sectionOf(readme({ spec: { storeName: 'Team store' } }), 'Set up the store in Valohai')
    for (const row of [
      '| Name | `Team store` |',
      '| Bucket | `my-valohai-bucket` |',
      '| Region | `eu-west-1` |',
      '| Access key ID | output `access_key_id` |',
      '| Multipart Upload IAM Role ARN | output `multipart_role_arn` |',
    ]) {
      expect(section).toContain(row)
    }
    expect(section).toContain("make the store the project's default")
  })

  test('leaves empty what there is not, and the default store alone where it was not asked for', () => {
    const section = sectionOf(
      readme({ spec: { multipart: false, setDefault: false } }),
      'Set up the store in Valohai',
    )
    expect(section).toContain('| Multipart Upload IAM Role ARN | leave it empty: no role is made |')
    expect(section).not.toContain('make the store')
  })

  test('every output that is named is one of the configuration', () => {
    const { blocks } = requestOf()
    const outputs = blocks.filter(({ type }) => type === 'output').map(({ labels }) => labels[0])
    const named = [...readme().matchAll(/outputs? `(\w+)`|terraform output -raw (\w+)/g)].map(
      ([, a, b]) => a ?? b,
    )
    expect(named.length).toBeGreaterThan(4)
    expect(outputs).toEqual(expect.arrayContaining(named))
  })
})

test('who pastes the call of a module gets one bucket, and no secret in plain text with the second', () => {
  const text = exportReadme({ ...requestOf({ target: { layout: 'module' } }), own: { pgp_key: 'mQ' } })
  const blocks = fences(sectionOf(text, 'Apply it by hand')).filter(({ language }) => language === 'hcl')
  const calls = blocks.map(({ lines }) => lines.filter((line) => /^module |pgp_key/.test(line)).length)
  expect(calls).toEqual([2, 2])
})

describe('rotating and destroying', () => {
  const section = (layout: 'root' | 'module', title: string): string =>
    sectionOf(readme({ target: { layout } }), title)

  test('the lines are those of the layout', () => {
    expect(section('root', 'Rotate the access key')).toContain('`"access_key_generations": ["1", "2"]`')
    expect(section('module', 'Rotate the access key')).toContain('`access_key_generations = ["1", "2"]`')
  })

  test.each([
    [['2'], '2', '3'],
    [['10', '9'], '9', '10'],
  ])('the generations are those that there are by then: %j', (access_key_generations, current, next) => {
    const text = exportReadme({ ...requestOf(), own: { access_key_generations } })
    const rotation = sectionOf(text, 'Rotate the access key')
    expect(rotation).toContain(`["${current}", "${next}"]\``)
    expect(rotation).toContain(`: ["${next}"]\``)
    expect(rotation).toContain(`from ${next} to ${Number(next) + 1}`)
    expect(sectionOf(text, 'What is there already')).toContain(`aws_iam_access_key.store["${current}"]`)
  })
})

describe.each([
  ['root', ''],
  ['module', 'module.store.'],
] as const)('the way in and out of a %s', (layout, prefix) => {
  const changes = { spec: { versioning: true }, target: { layout } } as const
  const resources = requestOf(changes)
    .blocks.filter(({ type }) => type === 'resource')
    .map(({ labels }) => labels.join('.'))
  const block = (title: string): string => {
    const found = fences(sectionOf(readme(changes), title)).find(({ language }) => language === 'hcl')
    return found?.lines.join('\n') ?? ''
  }

  test('all that may exist is imported, under its address', () => {
    const imported = [...block('What is there already').matchAll(/^ {2}to = (.*)$/gm)].map(([, to]) => to)
    expect(imported.map((to) => to?.replace('["1"]', '')).sort()).toEqual(
      resources.map((address) => `${prefix}${address}`).sort(),
    )
  })

  test('the bucket and all its settings are forgotten, and nothing else', () => {
    const forgotten = [...block('Before you destroy anything').matchAll(/^ {2}from = (.*)$/gm)]
    expect(forgotten.map(([, from]) => from).sort()).toEqual(
      resources
        .filter((address) => address.startsWith('aws_s3'))
        .map((address) => `${prefix}${address}`)
        .sort(),
    )
  })
})

test('what a root has that a module has itself, or is given, is taken out when it becomes a call', () => {
  const section = (format: 'hcl' | 'json'): string =>
    sectionOf(readme({ target: { layout: 'module', format } }), 'What is there already')
  expect(section('hcl')).toMatch(
    /put the provider, .* in the place of `main.tf`.*; `backend.tf` and .* stay, and `tests` goes/,
  )
  expect(section('json')).toMatch(/in the place of `main.tf.json`.*; `backend.tf.json` and/)
})

test('a module with several stores hands each of them out; a root has one', () => {
  const section = (layout: 'root' | 'module'): string =>
    sectionOf(readme({ target: { layout } }), 'Set up the store in Valohai')
  expect(section('module')).toContain('several stores, each handed out as `store` is, `--bucket` says which')
  expect(section('root')).toContain('several stores, `--bucket` says which')
})

test('of an instance of for_each the bucket alone leaves the module: the rest is deleted in its order', () => {
  const request = { target: { layout: 'module' } } as const
  const [, block] = fences(sectionOf(readme(request), 'Before you destroy anything')).filter(
    ({ language }) => language === 'hcl',
  )
  const text = block?.lines.join('\n') ?? ''
  const types = requestOf(request)
    .blocks.filter(({ type, labels: [name = ''] }) => type === 'resource' && name.startsWith('aws_s3'))
    .map(({ labels: [name = ''] }) => name)
  expect(
    [...text.matchAll(/moved \{\n {2}from = (\S+)\n {2}to {3}= (\S+)\n/g)].map(([, ...both]) => both),
  ).toEqual(types.map((type) => [`module.store["churn-model"].${type}.store`, `${type}.given_up`]))
  expect([...text.matchAll(/removed \{\n {2}from = (\S+)\n/g)].map(([, from]) => from)).toEqual(
    types.map((type) => `${type}.given_up`),
  )
})
