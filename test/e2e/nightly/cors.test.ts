import {
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  PutBucketCorsCommand,
  type CORSRule,
} from '@aws-sdk/client-s3'
import type { Finding } from '../../../src/decide/findings'
import { readBucket, s3Client } from '../../support/describe-aws'
import type { Proxy } from '../../support/proxy'
import { startS3Front } from '../../support/s3-front'
import { openStory, type Story } from '../story'

const BUCKET = 'acme-cors'

let story: Story
/** AWS, whose S3 answers browsers as S3 does; the emulator does not. */
let s3: Proxy
let ours: readonly [get: CORSRule, post: CORSRule]

beforeAll(async () => {
  story = await openStory(BUCKET)
  s3 = await startS3Front(story.sandbox.emulator)
  await story.run()
  const rule = { AllowedHeaders: ['Authorization'], MaxAgeSeconds: 3000 }
  ours = [
    { ...rule, AllowedOrigins: ['*'], AllowedMethods: ['GET'] },
    { ...rule, AllowedOrigins: [story.sandbox.valohai.url], AllowedMethods: ['POST'] },
  ]
})

afterAll(async () => {
  await s3.close()
  await story.sandbox.close()
})

type Inputs = Readonly<Record<string, string>>

/** What is found where browsers are answered at `url`. */
const check = (url: string, inputs: Inputs = {}): Promise<Finding[]> =>
  story.check(inputs, { environment: { ...story.sandbox.environment, AWS_ENDPOINT_URL: url } })

const wordsOf = (findings: readonly Finding[]): string[] => findings.map(({ what }) => what)

async function setRules(Bucket: string, CORSRules: CORSRule[]): Promise<void> {
  const client = s3Client(story.sandbox.emulator)
  if (CORSRules.length === 0) await client.send(new DeleteBucketCorsCommand({ Bucket }))
  else await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }))
}

const OTHER: CORSRule = { AllowedOrigins: ['https://tool.example'], AllowedMethods: ['PUT'] }

describe('a bucket of ours', () => {
  const rules = async () => (await readBucket(story.sandbox.emulator, BUCKET)).cors

  test('nothing is found while the rules are as they were asked for, nor where it is not S3 that answers', async () => {
    expect(await check(s3.url)).toEqual([])
    expect(await check(story.sandbox.emulator.url)).toEqual([])
  })

  test.each<[what: string, change: () => CORSRule[]]>([
    ['the origin that may upload', () => [ours[0], { ...ours[1], AllowedOrigins: ['https://a.example'] }]],
    ['the rule that lets everybody read', () => [ours[1]]],
  ])('%s was changed by hand: the plan says it all, and puts it back', async (_what, change) => {
    await setRules(BUCKET, change())
    expect(wordsOf(await check(s3.url))).toEqual(['CORS rules: changed'])
    await story.run()
    expect(await rules()).toEqual(expect.arrayContaining([...ours]))
    expect(await check(s3.url)).toEqual([])
  })
})

describe('a bucket that is managed elsewhere', () => {
  const ELSEWHERE = 'acme-cors-elsewhere'
  const INPUTS = { bucket: ELSEWHERE, 'manage-bucket': 'false', 'set-default': 'false' }

  beforeAll(async () => {
    await s3Client(story.sandbox.emulator).send(
      new CreateBucketCommand({
        Bucket: ELSEWHERE,
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
      }),
    )
    await setRules(ELSEWHERE, [...ours])
    await story.run(INPUTS)
  })

  const UPLOAD = expect.stringContaining('cannot upload (CORS)') as string
  const READ = 'Browsers cannot read (CORS)'

  test('nothing is found while its rules are those of the guide, nor where it is not S3 that answers', async () => {
    expect(await check(s3.url, INPUTS)).toEqual([])
    expect(await check(story.sandbox.emulator.url, INPUTS)).toEqual([])
  })

  test.each<[what: string, rules: () => CORSRule[], found: string[]]>([
    ['nobody may read', () => [OTHER, ours[1]], [READ]],
    ['there are no rules', () => [], [UPLOAD, READ]],
    [
      'another origin may upload',
      () => [ours[0], OTHER, { ...ours[1], AllowedOrigins: ['https://a.example'] }],
      [UPLOAD],
    ],
  ])('%s: no plan shows it, and the finding has the rule to add', async (_what, rules, found) => {
    await setRules(ELSEWHERE, rules())
    const findings = await check(s3.url, INPUTS)
    expect(wordsOf(findings)).toEqual(found)
    const missing = findings.map(({ fix }) => JSON.parse(fix.slice(fix.indexOf('{'))) as CORSRule)
    await setRules(ELSEWHERE, [...rules(), ...missing])
    expect(await check(s3.url, INPUTS)).toEqual([])
  })

  test('the rules speak where the emulator answers, and a rule that is missing is told there too', async () => {
    await setRules(ELSEWHERE, [ours[0], { ...ours[1], AllowedOrigins: ['https://a.example'] }])
    expect(wordsOf(await check(story.sandbox.emulator.url, INPUTS))).toEqual([UPLOAD])
  })
})
