import { UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { type Deployment, deployerPolicies } from '../../src/store/deployer-policy'
import type { Place, Rights } from '../../src/store/deployer-rights'
import { ACCOUNT, type AwsCall } from '../support/aws-calls'
import { deployment } from '../support/deployment'
import { iamClient } from '../support/describe-aws'
import { type IamGuard, startIamGuard } from '../support/iam-guard'
import { allows } from '../support/judge'
import { prepared } from '../support/prepare'
import { type SharedProvider, startProvider } from '../support/provider'
import { openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'my-valohai-bucket'
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/12345678-90ab-cdef-1234-567890abcdef`
const PATH = '/valohai/'

const APPLY = deployment({ bucket: BUCKET })
const { policy: POLICY, boundaryArn: BOUNDARY } = deployerPolicies(APPLY)

// One story, in order: each test begins where the one before it ended.
let sandbox: Sandbox
let guard: IamGuard
let provider: SharedProvider

beforeAll(async () => {
  sandbox = await openSandbox(BUCKET, { ownProvider: true })
  guard = await startIamGuard(sandbox.emulator.url, 'AKIADEPLOYER', POLICY)
  provider = await startProvider(prepared().awsProvider, environment())
})

afterAll(async () => {
  await provider.close()
  await guard.close()
  await sandbox.close()
})

const environment = () => ({ ...sandbox.environment, AWS_ENDPOINT_URL: guard.url })

/** A run as the deployer. Old versions that expire would be a lifecycle rule, for which Terraform waits 55 s. */
const step = (inputs: Record<string, string>) =>
  sandbox.step(
    { 'permissions-boundary': BOUNDARY, versioning: 'true', 'noncurrent-days': '0', ...inputs },
    { environment: { ...environment(), ...provider.environment } },
  )

/** A run that ends well, and the calls that it made. */
const works = async (policy: object, inputs: Record<string, string>): Promise<readonly AwsCall[]> => {
  guard.setPolicy(policy)
  const before = guard.calls.length
  const { exitCode, stdout } = await step(inputs)
  expect(guard.refused).toEqual([])
  expect([exitCode, exitCode === 0 ? '' : stdout]).toEqual([0, ''])
  return guard.calls.slice(before)
}

/** The rights of a deployment without some actions. */
const without = (actions: readonly string[], { rights, ...rest }: Deployment = APPLY): object => {
  const kept = Object.entries(rights).map(([place, all]): [string, readonly string[]] => [
    place,
    all.filter((action) => !actions.includes(action)),
  ])
  return deployerPolicies({ ...rest, rights: Object.fromEntries(kept) }).policy
}

const FIRST = [
  ['s3:ListBucket'],
  ['s3:CreateBucket'],
  ['s3:PutBucketVersioning'],
  ['iam:ListAccessKeys'],
  ['iam:GetRole'],
]

test.each(FIRST)('a first run without %s says so', async (action) => {
  guard.setPolicy(without([action]))
  const { exitCode, stdout } = await step({})
  expect(exitCode).toBe(1)
  expect(guard.refused.map((call) => call.action)).toContain(action)
  expect(stdout).toContain(action)
  guard.refused.length = 0
})

test('a first run works with the policy, and makes all that it grants to make', async () => {
  await works(POLICY, { tags: 'team=ml' })
})

test('a run without the boundary that the policy names is refused, and says what it may not', async () => {
  guard.setPolicy(POLICY)
  const { exitCode, stdout } = await step({ 'permissions-boundary': '' })
  expect(exitCode).toBe(1)
  expect(guard.refused.map((call) => call.action)).toEqual(
    expect.arrayContaining(['iam:DeleteUserPermissionsBoundary']),
  )
  expect(stdout).toContain('iam:DeleteUserPermissionsBoundary')
  guard.refused.length = 0
})

test('a plan works with the policy for plan, and asks for nothing else', async () => {
  await works(deployerPolicies(deployment({ bucket: BUCKET, for: 'plan' })).policy, {
    command: 'plan',
    tags: 'team=other',
  })
})

test('a rotation, and a run that changes nothing', async () => {
  await works(POLICY, { command: 'rotate-key', tags: 'team=ml' })
  await works(POLICY, { tags: 'team=ml' })
})

test('a trust policy that somebody changed is put back', async () => {
  await iamClient(sandbox.emulator).send(
    new UpdateAssumeRolePolicyCommand({
      RoleName: `valohai-${BUCKET}-multipart`,
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
    }),
  )
  await works(POLICY, { tags: 'stage=test' })
})

test('another path needs the policies of both', async () => {
  const moved = deployerPolicies(deployment({ bucket: BUCKET, 'iam-path': PATH }))
  await works(
    { ...POLICY, Statement: [...POLICY.Statement, ...moved.policy.Statement] },
    { 'iam-path': PATH, 'permissions-boundary': BOUNDARY, tags: 'stage=test' },
  )
})

test('other settings, and no role', async () => {
  const { policy } = deployerPolicies(deployment({ bucket: BUCKET, 'iam-path': PATH }))
  await works(policy, { 'iam-path': PATH, 'kms-key-arn': KEY, multipart: 'false', 'key-grace-days': '0' })
})

/** Actions that none of these runs needed, and what does. */
const NOT_SEEN: Readonly<Record<string, string>> = {
}

test('each action is needed by one of these runs, or by what is named here', () => {
  const needed = new Set(guard.calls.map(({ action, resource }) => `${action} ${resource}`))
  const granted = APPLY.rights
  const places = Object.keys(granted) as Place[]
  const unseen = places.flatMap((place) => (granted[place] ?? []).filter((a) => ![...needed].some((n) => n.startsWith(`${a} `))).map((a) => `${place} ${a}`))
  expect(unseen).toEqual(Object.keys(NOT_SEEN))
  void allows; void (0 as unknown as Rights)
})
