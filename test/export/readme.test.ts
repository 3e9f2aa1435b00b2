import { exportReadme, policiesOf } from '../../src/export/documents'
import { fences, sectionOf, skeleton } from './markdown'
import { OPTIONS, requestOf } from './request'

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
    for (const { type, labels, comment = '' } of blocks.filter((block) => block.type === 'resource')) {
      expect(comment).not.toBe('')
      expect(type).toBe('resource')
      expect(section).toContain(`| \`${labels.join('.')}\` | ${comment.replaceAll(/[_*]/g, '\\$&')} |`)
    }
  })
})

describe('the policies', () => {
  const shown = (...changes: Parameters<typeof requestOf>): unknown[] =>
    fences(sectionOf(readme(...changes), 'Policies as they will be')).map(({ lines }): unknown =>
      JSON.parse(lines.join('\n')),
    )

  test('are those of user, role, trust and bucket, with the values filled in', () => {
    const { user, role, trust, bucket } = policiesOf(OPTIONS)
    expect(shown()).toEqual([user, role, trust, bucket])
    expect(JSON.stringify(trust)).toContain('arn:aws:iam::<ACCOUNT_ID>:user/valohai-my-valohai-bucket')
  })

  test.each([
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eu-west-1', 'aws'],
  ])('in %s, the ARNs are of the partition %s', (region, partition) => {
    const arns = JSON.stringify(shown({ options: { region } })).match(/"arn:[^"]*"/g) ?? []
    expect(arns).toHaveLength(8)
    for (const arn of arns) expect(arn.startsWith(`"arn:${partition}:`)).toBe(true)
  })

  test('leave the role out where there is none, and name the KMS key where there is one', () => {
    expect(shown({ options: { multipart: false } })).toHaveLength(2)
    expect(readme({ options: { multipart: false } })).not.toContain('ACCOUNT_ID')
    expect(JSON.stringify(shown({ options: { kmsKeyArn: KEY } })).split(KEY)).toHaveLength(3)
  })
})

describe('the findings of scanners', () => {
  const stays = (options: Partial<typeof OPTIONS>): string =>
    sectionOf(readme({ options }), 'What scanners report').split('<details>')[0] ?? ''
  const passes = (options: Partial<typeof OPTIONS>): string =>
    sectionOf(readme({ options }), 'What scanners report').split('<details>')[1] ?? ''

  test.each<[id: string, options: Partial<typeof OPTIONS>, other: Partial<typeof OPTIONS>]>([
    ['CKV_AWS_145', {}, { kmsKeyArn: KEY }],
    ['AVD-AWS-0132', {}, { kmsKeyArn: KEY }],
    ['CKV_AWS_21', {}, { versioning: true }],
    ['AVD-AWS-0090', {}, { versioning: true }],
    ['CKV2_AWS_61', { abortMultipartDays: 0 }, {}],
  ])('%s stays or passes by the options', (id, failing, passing) => {
    expect([stays(failing).includes(`\`${id}\``), passes(failing).includes(`\`${id}\``)]).toEqual([
      true,
      false,
    ])
    expect([stays(passing).includes(`\`${id}\``), passes(passing).includes(`\`${id}\``)]).toEqual([
      false,
      true,
    ])
  })

  test('name the user and its policy, and never one check in both lists', () => {
    for (const id of ['CKV_AWS_273', 'CKV_AWS_40', 'AVD-AWS-0143']) expect(stays({})).toContain(id)
    const ids = (text: string): string[] =>
      text.match(/(?<=\| |<br\/>)`(CKV2?_AWS_\d+|AVD-AWS-\d{4})`/g) ?? []
    const all = [...ids(stays({})), ...ids(passes({}))]
    expect(all.length).toBeGreaterThan(30)
    expect(new Set(all).size).toBe(all.length)
  })
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
    expect(shell({ target: { backend: { type, settings: {} } } })).toBe(
      'terraform init\nterraform plan -out=tfplan\nterraform apply tfplan',
    )
  })

  test('a module is called twice, and its outputs are handed on', () => {
    const text = sectionOf(readme({ target: { layout: 'module' } }), 'Apply it by hand')
    expect(text.match(/source {6}= /g)).toHaveLength(2)
    expect(text).not.toContain('s3api')
    expect(text).toContain('sensitive = true')
  })
})

describe('the store in Valohai', () => {
  test('has the exact values', () => {
    const section = sectionOf(readme({ options: { storeName: 'Team store' } }), 'Set up the store in Valohai')
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
      readme({ options: { multipart: false, setDefault: false } }),
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
