import { readFileSync } from 'node:fs'
import path from 'node:path'
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { iamClient } from '../support/describe-aws'
import { openSandbox, type Sandbox } from './sandbox'

const BUCKET = 'my-valohai-bucket'

let sandbox: Sandbox
let deployer: Record<string, string>

/** A user that may do what the README's policy says, and nothing else. */
beforeAll(async () => {
  sandbox = await openSandbox(BUCKET, { ownProvider: true })
  const readme = readFileSync(path.resolve(__dirname, '..', '..', 'README.md'), 'utf8')
  const policy = JSON.parse(/<!-- deploy-policy -->\s*```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '') as {
    Statement: { Action: string[]; Resource: string | string[] }[]
  }
  // The emulator does not know what an IAM request is about, and asks for permissions that AWS does not have.
  for (const statement of policy.Statement) {
    if (statement.Action.some((action) => action.startsWith('iam:'))) statement.Resource = '*'
    if (statement.Action.includes('s3:ListBucket')) statement.Action.push('s3:HeadBucket')
  }
  const iam = iamClient(sandbox.emulator)
  const UserName = 'deployer'
  await iam.send(new CreateUserCommand({ UserName }))
  await iam.send(
    new PutUserPolicyCommand({ UserName, PolicyName: 'readme', PolicyDocument: JSON.stringify(policy) }),
  )
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  deployer = { AWS_ACCESS_KEY_ID: key?.AccessKeyId ?? '', AWS_SECRET_ACCESS_KEY: key?.SecretAccessKey ?? '' }
  await sandbox.emulator.enforceIam(true)
})

afterAll(() => sandbox.close())

// The state is in a file: the emulator takes the S3 backend's list requests for wrongly signed.
const state = () => ({
  backend: 'local',
  'backend-config': `path=${path.join(sandbox.directory, 'store.tfstate')}`,
})

// Old versions that expire are a lifecycle rule, for which Terraform waits 55 s.
const SETTINGS = { tags: 'team=ml', versioning: 'true', 'noncurrent-days': '0' }

const step = (inputs: Record<string, string>) =>
  sandbox.step({ ...state(), ...inputs }, { environment: { ...sandbox.environment, ...deployer } })

test('a deployer with the policy of the README links the store', async () => {
  const first = await step({ ...SETTINGS, multipart: 'false' })
  expect([first.exitCode, first.exitCode === 0 ? '' : first.stdout]).toEqual([0, ''])
  expect(first.outputs['store-action']).toBe('created')
})

test('it makes the role, too', async () => {
  const { stdout } = await sandbox.step(
    { ...state(), ...SETTINGS },
    {
      environment: { ...sandbox.environment, ...deployer },
      // The emulator does not know that a trust policy alone lets the user assume the role, as AWS does: the
      // proof would wait for that in vain.
      onLine: (line, kill) => {
        if (line.includes('IAM has not spread the new key yet')) kill('SIGTERM')
      },
    },
  )
  expect(stdout).toContain('aws_iam_role_policy.multipart: Creation complete')
  expect(stdout).toContain('✓ Apply')
})
