import { ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { iamClient, readState, s3Client } from '../../support/describe-aws'
import { faultsOf } from '../after-kill'
import { openIntercepted, type Intercepted } from '../intercepted'
import { inParallel, killRun, recordRun, type Moment } from '../killed-run'

const BUCKET = 'acme-half-down'
const STATE = `valohai-s3/${BUCKET}.tfstate`
const OBJECT = { Bucket: BUCKET, Key: 'kept.txt' }

/** Each waits a minute for a lock, so several fit into two cores. */
const AT_ONCE = 6

/** The bucket stays, with its object and whatever is set on it; or it is empty, and goes. */
const RUNS = {
  'the bucket stays': { command: 'destroy', confirm: BUCKET },
  'the bucket goes': { command: 'destroy', confirm: BUCKET, 'delete-bucket': 'true' },
}
type Run = keyof typeof RUNS
const STAYS = 'the bucket stays'

const textOf = async (
  { emulator }: Intercepted,
  object: { Bucket: string; Key: string },
): Promise<string> => {
  const { Body } = await s3Client(emulator).send(new GetObjectCommand(object))
  return (await Body?.transformToString()) ?? ''
}

/** A world in which the store stands. */
async function standing<T>(run: Run, work: (sandbox: Intercepted) => Promise<T>): Promise<T> {
  const sandbox = await openIntercepted(BUCKET)
  try {
    const { exitCode, stdout } = await sandbox.step({})
    if (exitCode !== 0) throw new Error(stdout)
    if (run === STAYS)
      await s3Client(sandbox.emulator).send(new PutObjectCommand({ ...OBJECT, Body: 'of years ago' }))
    return await work(sandbox)
  } finally {
    await sandbox.close()
  }
}

/** All that there is in AWS and in Valohai. */
async function everything(sandbox: Intercepted): Promise<object> {
  const { emulator, valohai } = sandbox
  const [iam, s3] = [iamClient(emulator), s3Client(emulator)]
  const [{ Users = [] }, { Roles = [] }] = [
    await iam.send(new ListUsersCommand()),
    await iam.send(new ListRolesCommand()),
  ]
  const { Buckets = [] } = await s3.send(new ListBucketsCommand())
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: `${BUCKET}-tfstate` }))
  const lock = await textOf(sandbox, { Bucket: `${BUCKET}-tfstate`, Key: `${STATE}.run-lock` })
  return {
    users: Users.map(({ UserName }) => UserName),
    roles: Roles.map(({ RoleName }) => RoleName),
    stores: valohai.state.stores.filter(({ deleted }) => !deleted).map(({ name }) => name),
    defaults: valohai.state.projects.map((project) => project.default_store),
    buckets: Buckets.map(({ Name }) => Name).sort(),
    resources: (JSON.parse(await readState(emulator, BUCKET)) as { resources: unknown[] }).resources,
    beside: Contents.map(({ Key }) => Key).sort(),
    isHeld: (JSON.parse(lock) as { isHeld: boolean }).isHeld,
  }
}

const takenDown = (run: Run): object => ({
  users: [],
  roles: [],
  stores: [],
  defaults: [null],
  buckets: [...(run === STAYS ? [BUCKET] : []), `${BUCKET}-tfstate`],
  resources: [],
  // No lock of Terraform's among them; that of the runs is free.
  beside: [STATE, `${STATE}.run-lock`],
  isHeld: false,
})

/** What the world is like once a run that was killed was run again, and then the store was made again. */
async function killAndGoOn(run: Run, moment: Moment) {
  return standing(run, async (sandbox) => {
    const isReached = (await killRun(sandbox, RUNS[run], moment)) !== undefined
    const next = await sandbox.step(RUNS[run])
    if (next.exitCode !== 0) return { isReached, failed: next.stdout.slice(-1500) }
    const left = await everything(sandbox)
    const again = await sandbox.step({})
    if (again.exitCode !== 0) return { isReached, left, failed: again.stdout.slice(-1500) }
    return {
      isReached,
      left,
      faults: await faultsOf(sandbox, BUCKET, 1),
      ...(run === STAYS && {
        object: await textOf(sandbox, OBJECT),
        isTakenUp: again.stdout.includes('import aws_s3_bucket.store'),
      }),
    }
  })
}

// Each world has an emulator and a provider of its own, which end with the process.
process.setMaxListeners(4 * AT_ONCE)

/** Before the first write and after each; of a run that deletes the bucket, those of that alone. */
async function momentsOf(run: Run): Promise<Moment[]> {
  const requests = await standing(run, (sandbox) => recordRun(sandbox, RUNS[run]))
  const writes = requests
    .filter(({ isWrite, request }) => isWrite && (run === STAYS || request === `S3 DELETE /${BUCKET}`))
    .map(({ request, occurrence }) => ({ request, occurrence }))
  return [
    ...writes.slice(0, 1).map((write) => ({ ...write, when: 'before' }) as const),
    ...writes.map((write) => ({ ...write, when: 'after' }) as const),
  ]
}

test.each([
  [STAYS, ['Valohai PATCH', 'Valohai DELETE', 'IAM DeleteAccessKey', 'IAM DeleteUser', 'IAM DeleteRole']],
  ['the bucket goes', [`S3 DELETE /${BUCKET}`]],
] as const)(
  'where %s: killed before its first write and after each, it ends the same when it is run again, and apply takes it up',
  async (run, steps) => {
    const moments = await momentsOf(run)
    const ended = await inParallel(AT_ONCE, moments, async (moment) => {
      const end = await killAndGoOn(run, moment)
      process.stderr.write(`Killed ${moment.when} ${moment.request}: ${JSON.stringify(end)}\n`)
      return { moment, ...end }
    })
    for (const step of steps) expect(moments.some(({ request }) => request.startsWith(step))).toBe(true)
    // The lock is renewed every 15 s, which may be in the record and not in the run.
    expect(ended.filter(({ isReached }) => !isReached).length).toBeLessThan(2)
    const kept = run === STAYS ? { object: 'of years ago', isTakenUp: true } : {}
    expect(ended).toEqual(
      ended.map(({ moment, isReached }) => ({
        moment,
        isReached,
        left: takenDown(run),
        faults: [],
        ...kept,
      })),
    )
  },
  3_600_000,
)
