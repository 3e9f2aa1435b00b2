import { type Deployment, deployerPolicies } from '../../src/store/deployer-policy'
import { ACCOUNT, type AwsCall } from '../support/aws-calls'
import { deployment } from '../support/deployment'
import { emptyBucket } from '../support/empty-bucket'
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

/** A run that ends well, and is refused nothing. */
const works = async (policy: object, inputs: Record<string, string>): Promise<void> => {
  guard.setPolicy(policy)
  const { exitCode, stdout } = await step(inputs)
  expect(guard.refused).toEqual([])
  expect([exitCode, exitCode === 0 ? '' : stdout]).toEqual([0, ''])
}

/** A run that is refused one of these, and says which. */
const isRefused = async (policy: object, inputs: Record<string, string>, action: string): Promise<void> => {
  guard.setPolicy(policy)
  const { exitCode, stdout } = await step(inputs)
  expect(exitCode).toBe(1)
  expect(guard.refused.splice(0).map((call) => call.action)).toContain(action)
  expect(stdout).toContain(action)
}

/** The policy of a deployment without some of its rights. */
const without = (isLeftOut: (place: string, action: string) => boolean, of: Deployment = APPLY): object => {
  const rights = Object.entries(of.rights).map(([place, actions]): [string, readonly string[]] => [
    place,
    actions.filter((action) => !isLeftOut(place, action)),
  ])
  return deployerPolicies({ ...of, rights: Object.fromEntries(rights) }).policy
}

/** The first that are needed, so that the runs after them begin as if there was none. */
const FIRST = [
  's3:ListBucket',
  's3:CreateBucket',
  's3:PutBucketVersioning',
  'iam:ListAccessKeys',
  'iam:GetRole',
]

test.each(FIRST)('a first run without %s says so', async (action) => {
  await isRefused(
    without((_, one) => one === action),
    {},
    action,
  )
})

test('a first run works with the policy', async () => {
  await works(POLICY, { tags: 'team=ml' })
})

test('a run that names no boundary keeps the one that is there', async () => {
  await works(POLICY, { 'permissions-boundary': '', tags: 'team=ml' })
})

test('a plan works with the policy for plan', async () => {
  const { policy } = deployerPolicies(deployment({ bucket: BUCKET, for: 'plan' }))
  await works(policy, { command: 'plan', tags: 'team=other' })
})

test('a rotation, and a run that changes nothing', async () => {
  await works(POLICY, { command: 'rotate-key', tags: 'team=ml' })
  await works(POLICY, { tags: 'team=ml' })
})

test('a check works with the policy for check', async () => {
  const { policy } = deployerPolicies(deployment({ bucket: BUCKET, for: 'check' }))
  await works(policy, { command: 'check', tags: 'team=ml' })
})

test('other tags', async () => {
  await works(POLICY, { tags: 'stage=test' })
})

test('another key of KMS, no grace, and no role', async () => {
  await works(POLICY, { 'kms-key-arn': KEY, multipart: 'false', 'key-grace-days': '0' })
})

test('another path, with the policies of both', async () => {
  const { policy } = deployerPolicies(deployment({ bucket: BUCKET, 'iam-path': PATH }))
  const both = { ...POLICY, Statement: [...POLICY.Statement, ...policy.Statement] }
  await works(both, { 'kms-key-arn': KEY, multipart: 'false', 'key-grace-days': '0', 'iam-path': PATH })
})

const DESTROY = { command: 'destroy', confirm: BUCKET }
const OF_PATH = { 'kms-key-arn': KEY, multipart: 'false', 'iam-path': PATH }
const downPolicy = (inputs: Record<string, string> = {}): object =>
  deployerPolicies(deployment({ bucket: BUCKET, for: 'destroy', ...inputs })).policy

test('what would be taken down is told, and taken down, with the policy for destroy', async () => {
  const policy = downPolicy({ 'iam-path': PATH })
  guard.setPolicy(policy)
  const told = await step({ ...OF_PATH, command: 'destroy' })
  expect([told.exitCode, guard.refused]).toEqual([1, []])
  expect(told.stdout).toContain(`confirm: ${BUCKET}`)
  await works(policy, { ...OF_PATH, ...DESTROY })
})

test('what is left is taken up again', async () => {
  await works(POLICY, {})
})

test('the bucket goes with a right of its own', async () => {
  // Valohai tries a new store, which leaves versions.
  await emptyBucket(sandbox.emulator, BUCKET)
  const inputs = { ...DESTROY, 'delete-bucket': 'true' }
  await isRefused(downPolicy(), inputs, 's3:DeleteBucket')
  await works(downPolicy({ 'delete-bucket': 'true' }), inputs)
})

/** What none of these runs asked for, and which does. */
const NOT_ASKED: Readonly<Record<string, string>> = {
  'Bucket s3:ListTagsForResource': 'version 6 of the AWS provider',
  'User iam:ListUserTags': 'adoption',
  'Role iam:ListRoleTags': 'adoption',
  'Role iam:UpdateAssumeRolePolicy': 'a trust policy that somebody changed',
  'BoundedRole iam:PutRolePermissionsBoundary': 'a role that was made without a boundary',
  'BoundedUser iam:PutUserPermissionsBoundary': 'a user that was made without a boundary',
  'BucketSettings s3:PutLifecycleConfiguration': 'a lifecycle rule, for which Terraform waits 55 s',
  'BucketSettings s3:TagResource': 'version 6 of the AWS provider',
  'BucketSettings s3:UntagResource': 'version 6 of the AWS provider',
}

test('without any one right one of these runs is refused something, but for those that are named', async () => {
  const calls: AwsCall[] = []
  for (const call of new Map(guard.calls.map((call) => [JSON.stringify(call), call])).values()) {
    if (await allows(POLICY, call)) calls.push(call)
  }
  const idle: string[] = []
  for (const [place, actions] of Object.entries(APPLY.rights)) {
    for (const action of actions) {
      const policy = without((one, other) => one === place && other === action)
      const allowed = await Promise.all(
        calls.filter((call) => call.action === action).map((call) => allows(policy, call)),
      )
      if (!allowed.includes(false)) idle.push(`${place} ${action}`)
    }
  }
  expect(idle.sort()).toEqual(Object.keys(NOT_ASKED).sort())
})
