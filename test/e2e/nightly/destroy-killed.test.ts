import { GetUserCommand } from '@aws-sdk/client-iam'
import { iamClient, readState } from '../../support/describe-aws'
import { openIntercepted, type Intercepted } from '../intercepted'
import { killRun, type Moment } from '../killed-run'

const BUCKET = 'acme-half-down'
const DESTROY = { command: 'destroy', confirm: BUCKET }

let sandbox: Intercepted

beforeAll(async () => (sandbox = await openIntercepted(BUCKET)))

afterAll(() => sandbox.close())

const MOMENTS: [what: string, moment: Moment][] = [
  [
    'the store was deleted',
    { request: 'Valohai DELETE /api/v0/stores/<uuid>/', occurrence: 1, when: 'after' },
  ],
  ['the key was deleted', { request: 'IAM DeleteAccessKey', occurrence: 1, when: 'after' }],
  ['the user was about to go', { request: 'IAM DeleteUser', occurrence: 1, when: 'before' }],
]

test.each(MOMENTS)('killed when %s, it ends the same when it is run again', async (_what, moment) => {
  const made = await sandbox.step({})
  if (made.exitCode !== 0) throw new Error(made.stdout)
  expect(await killRun(sandbox, DESTROY, moment)).toBeDefined()
  const { exitCode, stdout } = await sandbox.step(DESTROY)
  expect([exitCode, exitCode === 0 ? '' : stdout]).toEqual([0, ''])
  expect(sandbox.valohai.state.stores.filter(({ deleted }) => !deleted)).toEqual([])
  await expect(
    iamClient(sandbox.emulator).send(new GetUserCommand({ UserName: `valohai-${BUCKET}` })),
  ).rejects.toThrow()
  expect(JSON.parse(await readState(sandbox.emulator, BUCKET))).toMatchObject({ resources: [] })
})
