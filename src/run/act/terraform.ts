import type { Account } from '../../aws/account'
import type { RunLock } from '../../state/run-lock'
import { synthesize, variableValues, type BackendBlock } from '../../infra/synthesize'
import { backendBlock } from '../../state/backend'
import type { StackOutputs } from '../../store/outputs'
import { refusalOf, type Plan } from '../../terraform/plan'
import type { TerraformDirectory } from '../world'
import type { Run } from './run'

/** What the rest of a run works in; the lock only where the state is in S3 and will be written. */
export interface Prepared {
  readonly directory: TerraformDirectory
  readonly lock: RunLock | undefined
}

/** Finds Terraform, sees to the state's bucket and takes the lock, writes the configuration, runs `init`. */
export async function prepareTerraform(run: Run): Promise<Prepared> {
  const { request, world } = run
  const [account, directory] = await Promise.all([
    world.aws.findAccount(request.store.region),
    world.openTerraform(),
  ])
  world.reporter.info(`AWS account ${account.id}, as ${account.arn}`)
  const { backend, lock } = await prepareBackend(run, account)
  try {
    const { awsProviderVersion } = request.terraform
    const { format } = request.output
    await directory.write(synthesize(request.store, { layout: 'root', format, backend, awsProviderVersion }))
    await Promise.all([directory.terraform.init(), directory.state.init()])
    return { directory, lock }
  } catch (error) {
    await lock?.release()
    throw error
  }
}

/** Makes the state bucket where it is missing, and takes the lock of this store's runs. A plan does neither. */
async function prepareBackend(
  { request, world, progress }: Run,
  account: Account,
): Promise<{ backend: BackendBlock; lock: RunLock | undefined }> {
  const { backend } = request.terraform
  if (backend.type !== 's3') return { backend: backendBlock(backend), lock: undefined }
  const bucket = { name: backend.bucket, region: backend.region }

  if (request.command === 'plan') {
    if (await world.aws.stateBucketExists(bucket, account))
      return { backend: backendBlock(backend), lock: undefined }
    world.reporter.info(`There is no state bucket ${bucket.name} yet; apply will make it`)
    // To this plan everything is new: a state of its own, that is thrown away with the directory.
    return { backend: { type: 'local', settings: {} }, lock: undefined }
  }

  const exists = (): void => progress.exists(`The state bucket ${bucket.name}.`)
  await world.aws.ensureStateBucket(bucket, account, () => {
    exists()
    world.reporter.info(`Made the state bucket ${bucket.name}: private, versioned, encrypted, TLS only`)
  })
  exists()
  const lock = await world.aws.takeRunLock(bucket, `${backend.key}.run-lock`)
  return { backend: backendBlock(backend), lock }
}

/** What the state holds: what an earlier run, or this one, has made. */
export async function readState(
  { request, world, progress }: Run,
  directory: TerraformDirectory,
): Promise<StackOutputs> {
  const state = await progress.step('Read the state', () => directory.state.outputs())
  // It is there in plain only where somebody applied the exported Terraform without a `pgp_key`.
  if (state.plainSecret !== undefined) world.reporter.mask(state.plainSecret)
  const { bucket, iamUserArn, multipartRoleArn, accessKeys } = state
  progress.describe([
    ...(bucket === undefined ? [] : [`The bucket ${bucket} in ${request.store.region}.`]),
    ...(iamUserArn === undefined ? [] : [`The IAM user ${iamUserArn}.`]),
    ...(multipartRoleArn === undefined ? [] : [`The role ${multipartRoleArn}.`]),
    ...accessKeys.map(({ id, generation }) => `The access key ${id}, generation ${generation}.`),
  ])
  return state
}

/** Plans, and refuses what would cost data. */
export async function planInfrastructure(
  { request, world, progress }: Run,
  directory: TerraformDirectory,
  step: string,
  { generations, pgpKey }: { generations: readonly string[]; pgpKey: string },
): Promise<Plan> {
  return progress.step(step, async () => {
    await directory.writeVariables(
      variableValues({
        bucket_name: request.store.bucketName,
        access_key_generations: generations,
        pgp_key: pgpKey,
      }),
    )
    const plan = await directory.terraform.plan({ readOnly: request.command === 'plan' })
    const refusal = refusalOf(plan)
    if (refusal !== undefined) throw new Error(refusal)
    for (const { action, address } of plan.changes) world.reporter.info(`${action} ${address}`)
    const { hasChanges, toAdd, toChange, toDestroy } = plan
    const counts = `${toAdd} to add, ${toChange} to change, ${toDestroy} to destroy`
    world.reporter.info(hasChanges ? counts : 'No changes')
    return plan
  })
}

export async function applyPlan({ progress }: Run, directory: TerraformDirectory): Promise<void> {
  await progress.step('Apply', () =>
    directory.terraform.apply((address) => progress.made(`${address}, made by this run.`)),
  )
}
