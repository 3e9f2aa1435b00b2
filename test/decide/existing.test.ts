import { importsOf, refuseOfOthers } from '../../src/decide/existing'
import type { Existing, Observed, OtherState } from '../../src/decide/observed'
import { EMPTY_STATE } from '../../src/state/read-state'
import type { JsonObject } from '../../src/store/json'
import { STATE_TAG } from '../../src/store/names'
import type { StoreSpec } from '../../src/store/spec'
import { BUCKET, ROLE_ARN, USER_ARN } from '../support/fake-cloud'
import { bucketOf, identityOf, worldOf } from '../support/observed'
import { defaultOptions } from '../support/options'

const OURS = 's3://state/ours.tfstate'
const THEIRS = 's3://state/theirs.tfstate'
const SPEC: StoreSpec = { ...defaultOptions(BUCKET), stateTag: OURS }
const USER = `valohai-${BUCKET}`
const ROLE = `${USER}-multipart`

const tagged = (tag: string) => ({ tags: { [STATE_TAG]: tag } })

/** Nothing in the state; in the account what is given. */
const world = (existing: Existing, others: Readonly<Record<string, OtherState>> = {}): Observed => ({
  ...worldOf({}),
  existing,
  otherStates: new Map(Object.entries(others)),
})

const refusal = (observed: Observed, spec: Partial<StoreSpec> = {}, refused: string[] = []): string => {
  try {
    refuseOfOthers({ ...SPEC, ...spec }, observed, { refused })
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

const imported = (observed: Observed, spec: Partial<StoreSpec> = {}): string[] =>
  importsOf({ ...SPEC, ...spec }, observed).map(
    ({ to, id, isAdopted }) => `${to} ${id}${isAdopted === true ? ' adopted' : ''}`,
  )

describe('what bears the tag of this state', () => {
  const existing = {
    bucket: bucketOf({ ...tagged(OURS), settings: ['aws_s3_bucket_policy', 'aws_s3_bucket_versioning'] }),
    user: identityOf(USER_ARN, tagged(OURS)),
    role: identityOf(ROLE_ARN, { ...tagged(OURS), hasPolicy: false }),
  }

  it('is imported without asking, with the settings that are wanted', () => {
    expect(refusal(world(existing))).toBe('')
    expect(imported(world(existing))).toEqual([
      `aws_s3_bucket.store ${BUCKET}`,
      `aws_s3_bucket_policy.store ${BUCKET}`,
      `aws_iam_user.store ${USER}`,
      `aws_iam_user_policy.store ${USER}:valohai-store`,
      `aws_iam_role.multipart ${ROLE}`,
    ])
  })

  it('is not imported where it is not wanted', () => {
    const off = { manageBucket: false, multipart: false, iamUserName: USER }
    expect(imported(world(existing), off)).toEqual([
      `aws_iam_user.store ${USER}`,
      `aws_iam_user_policy.store ${USER}:valohai-store`,
    ])
  })
})

it('an empty bucket is imported without asking', () => {
  const observed = world({
    bucket: bucketOf({ isEmpty: true, settings: ['aws_s3_bucket_ownership_controls'] }),
  })
  expect(refusal(observed)).toBe('')
  expect(imported(observed)).toEqual([
    `aws_s3_bucket.store ${BUCKET}`,
    `aws_s3_bucket_ownership_controls.store ${BUCKET}`,
  ])
})

it('a setting that the bucket has and the state lacks is imported, so that the plan shows what changes', () => {
  const observed = world({
    bucket: bucketOf({ settings: ['aws_s3_bucket_policy', 'aws_s3_bucket_cors_configuration'] }),
  })
  const held = {
    ...EMPTY_STATE,
    bucket: { name: BUCKET, arn: '', region: '' },
    settings: ['aws_s3_bucket_policy'],
  }
  expect(imported({ ...observed, state: held })).toEqual([`aws_s3_bucket_cors_configuration.store ${BUCKET}`])
  expect(imported({ ...observed, state: held }, { cors: false })).toEqual([])
})

describe('what people made', () => {
  const existing = { bucket: bucketOf(), user: identityOf(USER_ARN), role: identityOf(ROLE_ARN) }

  it('stops a run, all of it named at once', () => {
    const message = refusal(world(existing))
    for (const what of [
      `bucket ${BUCKET}`,
      `IAM user ${USER}`,
      `role ${ROLE}`,
      'adopt: true',
      'manage-bucket: false',
    ])
      expect(message).toContain(what)
  })

  it('is taken over with `adopt`', () => {
    expect(refusal(world(existing), { adopt: true })).toBe('')
    expect(imported(world(existing), { adopt: true })).toContain(`aws_iam_user.store ${USER} adopted`)
    expect(imported(world(existing), { adopt: true })).toContain(`aws_s3_bucket.store ${BUCKET} adopted`)
  })

  it('is no matter where it is not wanted', () => {
    expect(refusal(world({ role: existing.role }), { multipart: false })).toBe('')
  })
})

describe("what bears another state's tag", () => {
  const existing = { user: identityOf(USER_ARN, tagged(THEIRS)) }
  const held: OtherState = { ...EMPTY_STATE, user: { name: USER, arn: USER_ARN } }

  it.each<[string, OtherState | undefined, boolean, RegExp | undefined]>([
    ['that holds it', held, false, /is of the state s3:\/\/state\/theirs\.tfstate\./],
    ['that holds it, with adopt', held, true, /is of the state s3:\/\/state\/theirs\.tfstate\./],
    ['that holds it no longer', EMPTY_STATE, false, /which holds it no longer/],
    ['that holds it no longer, with adopt', EMPTY_STATE, true, undefined],
    [
      'that cannot be read',
      'unknown',
      false,
      /cannot be read from here.*take the tag `valohai-s3:state` off/,
    ],
    ['that cannot be read, with adopt', 'unknown', true, /cannot be read from here/],
  ])('%s', (_what, state, adopt, message) => {
    const said = refusal(world(existing, state === undefined ? {} : { [THEIRS]: state }), { adopt })
    if (message === undefined) expect(said).toBe('')
    else expect(said).toMatch(message)
  })
})

describe('access of others, which a run would take away', () => {
  const everybody: JsonObject = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject' }
  const trust = (principal: JsonObject): JsonObject => ({
    Effect: 'Allow',
    Principal: principal,
    Action: 'sts:AssumeRole',
  })
  const role = (...statements: JsonObject[]) => ({ role: identityOf(ROLE_ARN, { trust: statements }) })
  const user = { user: identityOf(USER_ARN) }

  it.each<[string, Existing, RegExp]>([
    ['by ACLs', { bucket: bucketOf({ usesAcls: true }) }, /ACL of my-bucket/],
    ['of everybody', { bucket: bucketOf({ policyStatements: [everybody] }) }, /public-access-block: false/],
    [
      'by a role',
      { ...user, ...role(trust({ AWS: USER_ARN }), trust({ Service: 'lambda.amazonaws.com' })) },
      /trusts lambda\.amazonaws\.com too/,
    ],
    ['by a statement of ours', { ...user, ...role(trust({ AWS: [USER_ARN, 'arn:x'] })) }, /trusts arn:x too/],
    [
      'one boundary of two',
      { user: identityOf(USER_ARN, { permissionsBoundary: 'arn:b' }), role: identityOf(ROLE_ARN) },
      /permissions-boundary: arn:b/,
    ],
  ])('%s: stops', (_what, existing, message) => {
    expect(refusal(world(existing), { adopt: true })).toMatch(message)
  })

  it.each<[string, Existing]>([
    [
      'a bucket that is closed already',
      {
        bucket: bucketOf({ policyStatements: [everybody], settings: ['aws_s3_bucket_public_access_block'] }),
      },
    ],
    [
      'under a condition',
      { bucket: bucketOf({ policyStatements: [{ ...everybody, Condition: { StringEquals: {} } }] }) },
    ],
    ['our user alone', { ...user, ...role(trust({ AWS: USER_ARN })) }],
    ['a user that was deleted', { ...user, ...role(trust({ AWS: 'AIDAEXAMPLE' })) }],
    ['our user, that is yet to be made', role(trust({ AWS: `arn:aws:iam::1:user/path/${USER}` }))],
  ])('%s: does not', (_what, existing) => {
    expect(refusal(world(existing), { adopt: true })).toBe('')
  })

  it('what bears our names and is not ours is told with the rest', () => {
    expect(refusal(world({}), {}, ['The statement X has another text'])).toContain(
      '- The statement X has another text',
    )
  })
})
