import { GetRoleCommand, GetUserCommand } from '@aws-sdk/client-iam'
import { DeleteObjectCommand, PutObjectCommand, type Tag } from '@aws-sdk/client-s3'
import type { StepOptions } from '../../support/action-runner'
import { iamClient, readBucket, readRole, readUser, s3Client } from '../../support/describe-aws'
import { startWithAgedKeys } from '../../support/aged-keys'
import type { Proxy } from '../../support/proxy'
import { startS3Front } from '../../support/s3-front'
import type { Finding } from '../../../src/decide/findings'
import { openStory, type Story } from '../story'
import { CHANGED, GONE, ROLE_AND_STORE, USER_DELETED } from './drift'
import { LEFT, OTHERS, REFUSED } from './drift-left'
import type { Drift, Hands } from './hands'

const BUCKET = 'acme-check'
const USER = `valohai-${BUCKET}`
const ROLE = `${USER}-multipart`
// A replaced key goes at once, so that each test may need another.
const INPUTS = { versioning: 'true', 'noncurrent-days': '0', tags: 'team=ml', 'key-grace-days': '0' }

// One story, in order: each test begins where the one before it ended.
let story: Story
let hands: Hands
/** S3, where the emulator does not answer as S3 does. */
let s3: Proxy

beforeAll(async () => {
  story = await openStory(BUCKET)
  s3 = await startS3Front(story.sandbox.emulator)
  await apply()
  const { stores, projects } = story.sandbox.valohai.state
  hands = {
    s3: s3Client(story.sandbox.emulator),
    iam: iamClient(story.sandbox.emulator),
    Bucket: BUCKET,
    UserName: USER,
    RoleName: ROLE,
    store: () => stores.find(({ deleted, id }) => !deleted && id !== 'store-by-hand')!,
    project: projects[0]!,
    stores,
  }
})

afterAll(async () => {
  await s3.close()
  await story.sandbox.close()
})

type Inputs = Readonly<Record<string, string>>

const apply = (inputs: Inputs = {}, options?: Partial<StepOptions>) =>
  story.run({ ...INPUTS, ...inputs }, options)

/** What is found. */
const check = (inputs: Inputs = {}, url = s3.url): Promise<Finding[]> =>
  story.check({ ...INPUTS, ...inputs }, { environment: environmentAt(url) })

const environmentAt = (url: string) => ({ ...story.sandbox.environment, AWS_ENDPOINT_URL: url })

/** All that a run sets, as AWS and Valohai have it; but for ids that change with each user and each key. */
async function world(): Promise<object> {
  const { emulator } = story.sandbox
  const bucket = await readBucket(emulator, BUCKET)
  const { policy } = await readUser(emulator, USER)
  const { trust, policy: ofRole } = await readRole(emulator, ROLE)
  const { User } = await hands.iam.send(new GetUserCommand({ UserName: USER }))
  const { Role } = await hands.iam.send(new GetRoleCommand({ RoleName: ROLE }))
  const { configuration, id, name, access_mode } = hands.store()
  // Valohai shows what is not set as empty once it was written.
  const options = Object.entries(configuration).filter(
    ([option, value]) => value !== '' && !option.includes('access_key'),
  )
  return {
    bucket: { ...bucket, tags: inOrder(bucket.tags), cors: new Set(bucket.cors) },
    user: { policy, tags: inOrder(User?.Tags) },
    role: { trust, policy: ofRole, tags: inOrder(Role?.Tags), session: Role?.MaxSessionDuration },
    store: { id, name, access_mode, ...Object.fromEntries(options) },
    isDefault: hands.project.default_store === id,
  }
}

const inOrder = (tags: readonly Tag[] = []): string[] =>
  tags.map(({ Key, Value }) => `${Key}=${Value}`).sort()

/** Each is named, and nothing else is. */
function expectNamed(found: readonly Finding[], drifts: readonly Drift[]): void {
  const says = drifts.flatMap((drift) => drift.says)
  for (const text of says) {
    expect(found.map(({ what }) => what)).toContainEqual(expect.stringMatching(text))
  }
  expect(found).toHaveLength(says.length)
}

test('a quiet store has no findings, however often it is looked at, and nothing is written', async () => {
  const before = story.sandbox.valohai.state.requests.length
  for (let look = 0; look < 10; look += 1) expect(await check()).toEqual([])
  const sent = story.sandbox.valohai.state.requests.slice(before)
  expect(sent.filter(({ method }) => method !== 'GET')).toEqual([])
})

test.each<[what: string, drifts: readonly Drift[]]>([
  ['what is gone is named, and put back', GONE],
  ["what was changed of the role and on Valohai's side is named, and put back", ROLE_AND_STORE],
  ['what others set is no drift, and kept', OTHERS],
  ['what is changed is named, and put back', CHANGED],
  ['a user who was deleted is named, and made again', USER_DELETED],
])('%s; then it is silent', async (_what, drifts) => {
  const before = await world()
  for (const { change } of drifts) await change(hands)
  const isDrift = drifts !== OTHERS
  const wanted = isDrift ? before : await world()
  expectNamed(await check(), drifts)
  expect((await apply()).outputs.changes).toBe(String(isDrift))
  expect(await world()).toEqual(wanted)
  expect(await check()).toEqual([])
  await story.expectConverged()
})

test('a name that was asked for is put back', async () => {
  const named = { 'store-name': BUCKET }
  expect(await check(named)).toMatchObject([{ what: 'The name of the data store differs' }])
  await apply(named)
  expect(hands.store().name).toBe(BUCKET)
  expect(await check(named)).toEqual([])
})

test('what an apply leaves to people is named until they have done something', async () => {
  const before = await world()
  for (const { change } of LEFT) await change(hands)
  const changed = await world()
  const found = await check()
  expectNamed(found, LEFT)
  for (const { fix } of found) expect(fix).toMatch(/`apply` (does not touch it|keeps what others put there)/)
  await apply()
  expect(await world()).toEqual(changed)
  expectNamed(await check(), LEFT)
  for (const { undo } of LEFT) await undo?.(hands)
  expect(await world()).toEqual(before)
  expect(await check()).toEqual([])
})

test('what an apply would refuse is told in the same words', async () => {
  for (const { change } of REFUSED) await change(hands)
  const [found, ...more] = await check()
  expect(more).toEqual([])
  expect(found?.what).toBe('`apply` would refuse, and change nothing')
  const { stdout } = await story.runInVain(INPUTS)
  for (const { refusal, undo } of REFUSED) {
    expect(found?.is).toContain(refusal)
    expect(stdout).toContain(refusal)
    await undo?.(hands)
  }
  expect(await check()).toEqual([])
})

test('what was just switched off is forgotten and then a note; switched on again it is imported', async () => {
  const off = { cors: 'false' }
  expect(await check(off)).toMatchObject([{ what: 'CORS rules: switched off' }])
  await apply(off)
  const step = await story.run({ ...INPUTS, ...off, command: 'check' })
  expect(step.outputs.findings).toBe('[]')
  expect(step.stdout).toContain('has a cors configuration which is switched off here')
  expect(await check()).toMatchObject([{ what: 'CORS rules: not in the state' }])
  await apply()
  expect(await check()).toEqual([])
})

test('a store deleted by hand is named, and the step fails where nobody said otherwise', async () => {
  hands.store().deleted = true
  const step = await story.runInVain({ ...INPUTS, command: 'check' })
  expect(step.outputs.drift).toBe('true')
  expect(step.summary).toContain('The data store is missing')
  await apply()
  expect(await check()).toEqual([])
})

test('while an apply runs it is waited for, and nothing half done is found', async () => {
  hands.store().configuration.region = 'us-east-1'
  // The check begins once the lock is taken.
  let isHeld = (): void => undefined
  const held = new Promise<void>((resolve) => {
    isHeld = resolve
  })
  const applied = apply(
    {},
    {
      onLine: (line) => {
        if (line.includes('Look at what is there')) isHeld()
      },
    },
  )
  await held
  expect(await check()).toEqual([])
  await applied
})

test('a lock that Terraform left is named with the line that releases it, until somebody did', async () => {
  const lock = { ID: 'lock-1', Who: 'ada@laptop', Created: '2026-01-01T00:00:00Z' }
  const object = { Bucket: `${BUCKET}-tfstate`, Key: `valohai-s3/${BUCKET}.tfstate.tflock` }
  await hands.s3.send(new PutObjectCommand({ ...object, Body: JSON.stringify(lock) }))
  const fix = expect.stringContaining('`terraform force-unlock lock-1`') as string
  expect(await check()).toMatchObject([{ where: 'lock lock-1', fix }])
  await hands.s3.send(new DeleteObjectCommand(object))
  expect(await check()).toEqual([])
})

test('a key that is too old is named and replaced; in its grace there is nothing, then it is due', async () => {
  const rotating = { 'key-grace-days': '7', 'max-key-age-days': '30' }
  const old = story.heldKey()
  const ages = new Map([[old, 29]])
  const aws = await startWithAgedKeys(s3.url, ages)
  try {
    expect(await check(rotating, aws.url)).toEqual([])
    ages.set(old, 31)
    expect(await check(rotating, aws.url)).toMatchObject([
      { what: 'The access key is older than max-key-age-days', where: old },
    ])
    await apply(rotating, { environment: environmentAt(aws.url) })
    expect(await story.keys()).toMatchObject({ [old]: 'Active', [story.heldKey()]: 'Active' })
    expect(story.heldKey()).not.toBe(old)
    expect(await check(rotating, aws.url)).toEqual([])
  } finally {
    await aws.close()
  }
  // The tests use each key today, so it stays for a second grace.
  await story.letDaysPass(15)
  expect(await check({ 'key-grace-days': '7' })).toMatchObject([
    { what: 'The grace of a replaced access key is over', is: expect.stringContaining(old) },
  ])
  await apply({ 'key-grace-days': '7' })
  expect(Object.keys(await story.keys())).toEqual([story.heldKey()])
  expect(await check()).toEqual([])
})
