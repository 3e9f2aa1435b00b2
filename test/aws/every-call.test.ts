import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { findKeyOwner, listAccessKeys, removeAccessKey } from '../../src/aws/access-keys'
import { findAccount } from '../../src/aws/account'
import { isPublic } from '../../src/aws/public-access'
import { proveCredentials, type ProofClock } from '../../src/aws/credential-proof'
import { findAttachments, listInlinePolicies } from '../../src/aws/attachments'
import { countContents } from '../../src/aws/contents'
import { removeLeftover, removePolicy } from '../../src/aws/remove'
import { findExisting } from '../../src/aws/existing'
import { findCorsRules } from '../../src/aws/existing-bucket'
import type { StatePlace } from '../../src/state/place'
import { awaitRecord, type LockClock, lockPlace, takeRunLock } from '../../src/state/run-lock'
import { lookAtStateBucket, makeStateBucket } from '../../src/state/state-bucket'
import { readOtherState } from '../../src/state/other-state'
import { readStateObject, readTerraformLock } from '../../src/state/state-object'
import { ACCOUNT, bucketOf, s3Error, startFakeAws, type FakeAws } from '../support/fake-aws'
import { queryError } from '../support/fake-iam'
import type { LoopbackReply } from '../support/loopback'

const REGION = 'eu-west-1'
const STATE: StatePlace = {
  bucket: 'state',
  key: 'k.tfstate',
  client: { region: REGION, owner: ACCOUNT.id },
  reading: {},
  writing: {},
}
let now = 0
const clock: ProofClock & LockClock = {
  now: () => now,
  sleep: (ms) => {
    now += ms
    return Promise.resolve()
  },
  every: () => () => undefined,
}
const ignore = (): void => undefined

/** Everything that we ask of AWS ourselves. What is returned is compared, and what lies in the fake afterwards. */
const WORK: Readonly<Record<string, () => Promise<unknown>>> = {
  'whose credentials these are': () => findAccount(REGION),
  'what the account has': () =>
    findExisting(REGION, ACCOUNT, { bucket: 'data', user: 'valohai', role: 'multipart' }),
  'an empty bucket': () => findExisting(REGION, ACCOUNT, { bucket: 'empty' }),
  'the CORS rules of a bucket': () => findCorsRules({ name: 'data', region: REGION }, ACCOUNT),
  'whether everybody is let in': () => isPublic({ name: 'data', region: REGION }, ACCOUNT),
  'the keys of a user': () => listAccessKeys(REGION, 'valohai'),
  'whose a key is': () => findKeyOwner(REGION, 'AKIA1'),
  'a key that goes': () => removeAccessKey(REGION, 'valohai', 'AKIA1'),
  'what hangs on a user and a role': () => findAttachments(REGION, { user: 'valohai', role: 'multipart' }),
  'the policies of a user that is not there': () =>
    listInlinePolicies(REGION, { user: 'nobody', role: undefined }),
  'what is in a bucket': () => countContents('data', REGION, ACCOUNT),
  'policies that go': async () => {
    await removePolicy(REGION, 'valohai', { of: 'user', name: 'valohai-store' })
    await removePolicy(REGION, 'multipart', { of: 'role', name: 'valohai-multipart' })
  },
  'what goes where a state lacks it': async () => {
    await removeLeftover({ kind: 'role', name: 'multipart' }, REGION, ACCOUNT)
    await removeLeftover({ kind: 'user', name: 'valohai' }, REGION, ACCOUNT)
    await removeLeftover({ kind: 'bucket', name: 'empty' }, REGION, ACCOUNT)
  },
  'the state bucket': () => lookAtStateBucket(STATE, ACCOUNT),
  'a new state bucket': () =>
    makeStateBucket(
      { ...STATE, bucket: 'new' },
      ACCOUNT,
      { publicAccessBlock: true, tags: { team: 'ml' } },
      ignore,
    ),
  'a first lock': async () => {
    const lock = await takeRunLock(
      lockPlace(STATE),
      { holder: 'run', terraformAs: 'ci@runner', onLost: ignore },
      ignore,
      clock,
    )
    await lock.note({ keys: [{ generation: '1', progress: 'asked', since: 'now' }] })
    await lock.confirm()
    await lock.release()
    return lock.record
  },
  'the record': () => awaitRecord({ ...STATE, key: 'free.run-lock' }, ignore, clock),
  'the state': () => readStateObject(STATE),
  'another state': () => readOtherState('s3://state/k.tfstate', { region: REGION, owner: ACCOUNT.id }),
  "Terraform's lock": () => readTerraformLock(STATE),
  'the proof of a key': () =>
    proveCredentials(
      {
        credentials: { accessKeyId: 'AKIANEW', secretAccessKey: 'secret' },
        bucket: 'data',
        region: REGION,
        owner: ACCOUNT.id,
        multipartRoleArn: 'arn:aws:iam::123456789012:role/multipart',
      },
      ignore,
      clock,
    ),
}

/** Calls whose 404 is an answer: there is no such thing. To ask again would make every first run slow. */
const MAY_BE_MISSING = [
  'HeadBucket',
  'GetUser',
  'GetRole',
  'GetUserPolicy',
  'GetRolePolicy',
  'ListAccessKeys',
  'GetAccessKeyLastUsed',
  // What hangs on a user or a role that is not there.
  'GetLoginProfile',
  'ListUserPolicies',
  'ListAttachedUserPolicies',
  'ListGroupsForUser',
  'ListMFADevices',
  'ListSSHPublicKeys',
  'ListServiceSpecificCredentials',
  'ListSigningCertificates',
  'ListRolePolicies',
  'ListAttachedRolePolicies',
  'ListInstanceProfilesForRole',
]

const isQuery = (operation: string): boolean =>
  /^(GetCaller|AssumeRole|GetLoginProfile|(Get|List|Delete)(User|Role|AccessKey))|^List(Attached|Groups|MFA|SSH|Service|Signing|Instance)/.test(
    operation,
  )

/** What AWS does to a call, once. `undefined`: it does not do that to this one. */
const FAILURES: Readonly<
  Record<string, (operation: string, answer: () => LoopbackReply) => LoopbackReply | undefined>
> = {
  OperationAborted: (operation) =>
    isQuery(operation) ? queryError(409, 'ConcurrentModification') : s3Error(409, 'OperationAborted'),
  SlowDown: (operation) => (isQuery(operation) ? queryError(400, 'Throttling') : s3Error(503, 'SlowDown')),
  '404 after creation': (operation) => {
    if (MAY_BE_MISSING.includes(operation) || /^(GetCaller|AssumeRole)/.test(operation)) return undefined
    return isQuery(operation) ? queryError(404, 'NoSuchEntity') : s3Error(404, 'NoSuchBucket')
  },
  'a hang': () => ({ hangs: true }),
  'a lost answer': (operation, answer) => {
    // Nobody knows the id of that upload. It has no part, and the bucket's lifecycle rule removes it.
    if (operation === 'CreateMultipartUpload') return undefined
    answer()
    return { hangs: true }
  },
  'an internal error': (operation) =>
    isQuery(operation) ? queryError(500, 'ServiceFailure') : s3Error(500, 'InternalError'),
}

const LOCK_OF_TERRAFORM = '{"ID":"1","Who":"ci@runner","Created":"2026-01-01T00:00:01.2Z"}'

let aws: FakeAws

beforeEach(() => {
  // Fifty times faster, so that what hangs is given up after less than half a second.
  const real = setTimeout
  jest
    .spyOn(globalThis, 'setTimeout')
    .mockImplementation(((work: (...rest: unknown[]) => void, ms = 0, ...rest: unknown[]) =>
      real(work, ms / 50, ...rest)) as typeof setTimeout)
})

afterEach(() => jest.restoreAllMocks())

/** Does a piece of work in a world of its own. `fail` may answer in the place of the fake. */
async function outcome(
  work: () => Promise<unknown>,
  fail: (index: number, operation: string, answer: () => LoopbackReply) => LoopbackReply | undefined,
): Promise<{ readonly operations: readonly string[]; readonly left: unknown }> {
  // As often as the SDK itself tries; the other tests do so once.
  aws = await startFakeAws({ AWS_MAX_ATTEMPTS: '3' })
  try {
    const objects = new Map([
      ['k.tfstate', [{ version: 'v', body: '{"version":4}' }]],
      ['k.tfstate.tflock', [{ version: 'v', body: LOCK_OF_TERRAFORM }]],
      ['free.run-lock', [{ version: 'v', body: '{"isHeld":false,"record":{"keys":[]}}' }]],
    ])
    aws.buckets.set('state', bucketOf({ objects }))
    aws.buckets.set(
      'data',
      bucketOf({ policy: '{}', objects: new Map([['o', [{ version: 'v', body: '' }]]]) }),
    )
    aws.buckets.set('empty', bucketOf())
    aws.users.set('valohai', {
      keys: new Map([
        ['AKIA1', true],
        ['AKIA2', false],
      ]),
      policy: '{}',
      stateTag: 's3://state/k',
    })
    aws.roles.set('multipart', { policy: '{}' })
    aws.intercept = (operation, request) =>
      fail(aws.operations.length - 1, operation, () => aws.answer(operation, request))
    const result = await work()
    const buckets = [...aws.buckets].map(([name, bucket]) => [
      name,
      { ...bucket, objects: [...bucket.objects.keys()] },
    ])
    return { operations: [...aws.operations], left: { result, buckets, users: [...aws.users] } }
  } finally {
    await aws.close()
  }
}

const undisturbed = (work: () => Promise<unknown>): ReturnType<typeof outcome> =>
  outcome(work, () => undefined)

describe.each(Object.entries(WORK))('%s', (_name, work) => {
  it.each(Object.entries(FAILURES))(
    'comes to the same after %s of each of its calls',
    async (_kind, fail) => {
      const { operations, left } = await undisturbed(work)
      for (const [index, operation] of operations.entries()) {
        let failed = false
        const disturbed = await outcome(work, (at, asked, answer) => {
          if (failed || at !== index) return undefined
          failed = true
          return fail(asked, answer)
        })
        expect({ operation, left: disturbed.left }).toEqual({ operation, left })
      }
    },
  )
})

it('is every call that the source has', async () => {
  const sources = ['src/aws', 'src/state'].flatMap((folder) =>
    readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8')),
  )
  const called = sources.flatMap((text) => [...text.matchAll(/new (\w+)Command\(/g)].map(([, name]) => name))
  const seen = new Set<string>()
  for (const work of Object.values(WORK)) {
    for (const operation of (await undisturbed(work)).operations) seen.add(operation)
  }
  expect([...seen].sort()).toEqual([...new Set(called)].sort())
})
