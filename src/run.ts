import { decideKeys } from './aws/key-generations'
import type { Configuration } from './config'
import { synthesize, variableValues } from './infra/synthesize'
import type { Outcome, StoreOutcome } from './outcome'
import { Progress } from './progress'
import { desiredStore, keySituation, planStore } from './store-plan'
import { backendBlock } from './terraform/backend'
import type { StackOutputs } from './terraform/outputs'
import { refusalOf, type Plan } from './terraform/plan'
import { isDefault, type Project, type Store, type Valohai } from './valohai'
import type { TerraformDirectory, World } from './world'

/** A run under way: what it was asked for and what it works with. */
interface Run {
  readonly configuration: Configuration
  readonly world: World
  readonly progress: Progress
}

/** Valohai as it was found. */
interface Link {
  readonly valohai: Valohai
  readonly project: Project
  readonly store: Store | undefined
}

/**
 * Links the bucket to the project (`apply`), or tells what that would change (`plan`).
 *
 * Any step can be the last one that happened: a run reads what is there and goes on from it, so running it
 * again ends in the same state, with one store, one bucket and one active key.
 *
 * @throws RunFailed naming the step, the cause and what exists by then
 */
export async function run(configuration: Configuration, world: World): Promise<Outcome> {
  const progress = new Progress(world.reporter, world.signal)
  const run: Run = { configuration, world, progress }

  const link = await progress.step('Look at Valohai', () => lookAtValohai(run))
  const directory = await progress.step('Prepare Terraform', () => prepareTerraform(run))
  const before = await progress.step('Read the state', () => directory.terraform.outputs())
  for (const what of describeInfrastructure(configuration, before)) progress.exists(what)

  const storePlan = link && planStore(configuration, link.store, before)
  const keys = decideKeys(keySituation(storePlan, link?.store, before))
  const envelope = await world.aws.createEnvelope()
  const change = (generations: readonly string[]): Promise<Plan> =>
    changeInfrastructure(run, directory, { generations, pgpKey: envelope.publicKey })

  if (configuration.command === 'plan') {
    const plan = await change(keys.stages.at(-1) ?? [keys.final])
    const store = link && storePlan && storeOutcome(link, link.store, storePlan.action)
    return outcome(run, directory, [plan], before, store)
  }

  const plans: Plan[] = []
  for (const generations of keys.stages) plans.push(await change(generations))
  const after = plans.some(({ hasChanges }) => hasChanges)
    ? await progress.step('Read the outputs', () => directory.terraform.outputs())
    : before
  for (const what of describeInfrastructure(configuration, after)) progress.exists(what)
  if (link === undefined) return outcome(run, directory, plans, after, undefined)

  const { store, action } = await linkStore(run, link, after, envelope)
  progress.exists(`The data store "${store.name}" (${store.id}) in Valohai.`)
  if (configuration.setDefault) {
    await progress.step("Make it the project's default store", async () => {
      const result = await link.valohai.makeDefault(link.project, store)
      world.reporter.info(result === 'set' ? 'Set, and read back' : 'It already is')
    })
  }
  if (after.accessKeys.length > 1) plans.push(await change([keys.final]))

  const wasDefault = isDefault(link.project, store)
  const stored = { ...storeOutcome(link, store, action), isDefault: configuration.setDefault || wasDefault }
  return outcome(run, directory, plans, after, stored, configuration.setDefault && !wasDefault)
}

/** Reads only: the token works, the project exists, which store of the name or bucket it has. */
async function lookAtValohai({ configuration, world }: Run): Promise<Link | undefined> {
  const { valohai } = world
  if (valohai === undefined || configuration.valohai === undefined) {
    world.reporter.info('No token and no project given: this plan is of AWS alone')
    return undefined
  }
  const project = await valohai.findProject(configuration.valohai.project)
  const store = await valohai.findStore(project, {
    name: configuration.storeName,
    bucket: configuration.infrastructure.bucketName,
  })
  world.reporter.info(
    `Project ${project.owner.username}/${project.name}, ` +
      (store === undefined ? 'no store for this bucket yet' : `store "${store.name}" (${store.id})`),
  )
  return { valohai, project, store }
}

/** Finds Terraform, makes the state bucket where it is missing, writes the configuration, runs `init`. */
async function prepareTerraform({ configuration, world, progress }: Run): Promise<TerraformDirectory> {
  const { infrastructure, terraform } = configuration
  const account = await world.aws.findAccount(infrastructure.region)
  world.reporter.info(`AWS account ${account.id}, as ${account.arn}`)

  let backend = backendBlock(terraform.backend)
  if (terraform.backend.type === 's3') {
    const bucket = { name: terraform.backend.bucket, region: terraform.backend.region }
    if (configuration.command === 'apply') {
      const made = await world.aws.ensureStateBucket(bucket, account)
      if (made)
        world.reporter.info(`Made the state bucket ${bucket.name}: private, versioned, encrypted, TLS only`)
      progress.exists(`The state bucket ${bucket.name}.`)
    } else if (!(await world.aws.stateBucketExists(bucket, account))) {
      world.reporter.info(`There is no state bucket ${bucket.name} yet; apply will make it`)
      // A plan makes nothing, not even the place for a state: everything is new to it.
      backend = { type: 'local', settings: {} }
    }
  }

  const directory = await world.openTerraform()
  await directory.write(
    synthesize(infrastructure, {
      layout: 'root',
      format: configuration.output.format,
      backend,
      awsProviderVersion: terraform.awsProviderVersion,
    }),
  )
  await directory.terraform.init()
  return directory
}

/** Plans, refuses what would cost data, and applies what changes anything. */
async function changeInfrastructure(
  { configuration, world, progress }: Run,
  directory: TerraformDirectory,
  { generations, pgpKey }: { generations: readonly string[]; pgpKey: string },
): Promise<Plan> {
  const { reporter } = world
  const isPlan = configuration.command === 'plan'
  const plan = await progress.step('Plan', async () => {
    const values = {
      bucket_name: configuration.infrastructure.bucketName,
      access_key_generations: generations,
      pgp_key: pgpKey,
    }
    await directory.write(new Map([['terraform.tfvars.json', variableValues(values)]]))
    const planned = await directory.terraform.plan({ readOnly: isPlan })
    const refusal = refusalOf(planned)
    if (refusal !== undefined) throw new Error(refusal)
    for (const { action, address } of planned.changes) reporter.info(`${action} ${address}`)
    const { toAdd, toChange, toDestroy } = planned
    reporter.info(
      planned.hasChanges ? `${toAdd} to add, ${toChange} to change, ${toDestroy} to destroy` : 'No changes',
    )
    return planned
  })
  if (!isPlan && plan.hasChanges) {
    await progress.step('Apply', () =>
      directory.terraform.apply((address) => progress.exists(`${address}, made just now.`)),
    )
  }
  return plan
}

/** Gives Valohai the store as it has to be, with a key that was proved first where it needs one. */
async function linkStore(
  { configuration, world, progress }: Run,
  { valohai, project, store }: Link,
  after: StackOutputs,
  envelope: { open(encrypted: string): Promise<string | undefined> },
): Promise<{ store: Store; action: StoreOutcome['action'] }> {
  const plan = planStore(configuration, store, after)
  if (store !== undefined && plan.action === 'unchanged') return { store, action: 'unchanged' }
  if (store !== undefined && !plan.needsSecret) {
    const renamed = await progress.step('Rename the store', () =>
      valohai.renameStore(store, configuration.storeName),
    )
    return { store: renamed, action: 'updated' }
  }

  const desired = desiredStore(configuration, after)
  const secret = await progress.step('Prove the access key', async () => {
    const opened = after.plainSecret ?? (await envelope.open(after.encryptedSecret ?? ''))
    if (opened === undefined) {
      throw new Error(
        `Nobody holds the secret of the access key ${desired.accessKeyId} any more; the next run makes a new key.`,
      )
    }
    world.reporter.mask(opened)
    await world.aws.proveCredentials({
      credentials: { accessKeyId: desired.accessKeyId, secretAccessKey: opened },
      bucket: desired.bucket,
      region: desired.region,
      multipartRoleArn: desired.multipartRoleArn,
    })
    return opened
  })
  return progress.step(store === undefined ? 'Create the store' : 'Update the store', async () => {
    const keyMadeAt = after.accessKeys.at(-1)?.created ?? new Date()
    const saved = await valohai.saveStore(project, store, desired, secret, { keyMadeAt })
    world.reporter.info(`Store "${saved.store.name}" (${saved.store.id}) ${saved.action}, and read back`)
    return saved
  })
}

function describeInfrastructure({ infrastructure }: Configuration, outputs: StackOutputs): string[] {
  const { bucket, iamUserArn, multipartRoleArn, accessKeys } = outputs
  return [
    ...(bucket === undefined ? [] : [`The bucket ${bucket} in ${infrastructure.region}.`]),
    ...(iamUserArn === undefined ? [] : [`The IAM user ${iamUserArn}.`]),
    ...(multipartRoleArn === undefined ? [] : [`The role ${multipartRoleArn}.`]),
    ...accessKeys.map(({ id, generation }) => `The access key ${id} (generation ${generation}).`),
  ]
}

function storeOutcome(
  { valohai, project }: Link,
  store: Store | undefined,
  action: StoreOutcome['action'],
): StoreOutcome {
  if (store === undefined) return { action, isDefault: false }
  return { id: store.id, url: valohai.storeUrl(project, store), action, isDefault: isDefault(project, store) }
}

function outcome(
  { configuration }: Run,
  directory: TerraformDirectory,
  plans: readonly Plan[],
  infrastructure: StackOutputs,
  store: StoreOutcome | undefined,
  defaultChanges = configuration.setDefault && store?.isDefault === false,
): Outcome {
  const sum = (count: (plan: Plan) => number): number => plans.reduce((total, plan) => total + count(plan), 0)
  return {
    command: configuration.command,
    changes:
      plans.some(({ hasChanges }) => hasChanges) ||
      (store?.action ?? 'unchanged') !== 'unchanged' ||
      defaultChanges,
    toAdd: sum(({ toAdd }) => toAdd),
    toChange: sum(({ toChange }) => toChange),
    toDestroy: sum(({ toDestroy }) => toDestroy),
    plannedChanges: plans.flatMap(({ changes }) => changes),
    terraformDirectory: directory.path,
    infrastructure,
    ...(store === undefined ? {} : { store }),
  }
}
