import { decideKeys } from './aws/key-generations'
import type { Configuration } from './config'
import { synthesize, variableValues } from './infra/synthesize'
import { awsOutcome, type Outcome, type ValohaiOutcome } from './outcome'
import { Progress } from './progress'
import { desiredStore, keySituation, planStore, type StorePlan } from './store-plan'
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
  const before = await readState(run, directory)

  const storePlan = link && planStore(configuration, link.store, before)
  const keys = decideKeys(keySituation(storePlan, link?.store, before))
  const envelope = await world.aws.createEnvelope()
  const plan = (step: string, generations: readonly string[]): Promise<Plan> =>
    planInfrastructure(run, directory, step, { generations, pgpKey: envelope.publicKey })

  if (configuration.command === 'plan') {
    // The last stage has all that is to come; the one before it, if any, only makes room for a key.
    const planned = await plan('Plan', keys.stages.at(-1) ?? [keys.final])
    const diff = planned.hasChanges
      ? await progress.step('Read the plan', () => directory.terraform.show())
      : undefined
    const valohai = link && storePlan && valohaiOutcome(configuration, link, link.store, storePlan)
    return outcomeOf(run, directory, [planned], before, valohai, diff)
  }

  const plans: Plan[] = []
  const change = async (step: string, generations: readonly string[]): Promise<void> => {
    const planned = await plan(step, generations)
    if (planned.hasChanges) await applyPlan(run, directory)
    plans.push(planned)
  }
  for (const generations of keys.stages) await change('Plan', generations)
  const after = plans.some(({ hasChanges }) => hasChanges) ? await readState(run, directory) : before
  if (link === undefined) return outcomeOf(run, directory, plans, after)

  const needed = planStore(configuration, link.store, after)
  const store = await linkStore(run, link, needed, after, envelope)
  progress.exists(`The data store "${store.name}" (${store.id}) in Valohai.`)
  if (configuration.setDefault) await makeDefault(run, link, store)
  if (after.accessKeys.length > 1) await change('Remove the replaced access key', [keys.final])

  return outcomeOf(run, directory, plans, after, valohaiOutcome(configuration, link, store, needed))
}

/** Reads only: the token works, the project exists, which store of the name or bucket it has. */
async function lookAtValohai({ configuration, world }: Run): Promise<Link | undefined> {
  const { valohai, reporter } = world
  if (valohai === undefined || configuration.valohai === undefined) {
    reporter.info('No token and no project given: this plan is of AWS alone')
    return undefined
  }
  const project = await valohai.findProject(configuration.valohai.project)
  const store = await valohai.findStore(project, {
    name: configuration.storeName,
    bucket: configuration.infrastructure.bucketName,
  })
  const found = store === undefined ? 'no store for this bucket yet' : `store "${store.name}" (${store.id})`
  reporter.info(`Project ${project.owner.username}/${project.name}, ${found}`)
  return { valohai, project, store }
}

/** Finds Terraform, makes the state bucket where it is missing, writes the configuration, runs `init`. */
async function prepareTerraform({ configuration, world, progress }: Run): Promise<TerraformDirectory> {
  const { infrastructure, terraform } = configuration
  const account = await world.aws.findAccount(infrastructure.region)
  world.reporter.info(`AWS account ${account.id}, as ${account.arn}`)

  const directory = await world.openTerraform()
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

  const { awsProviderVersion } = terraform
  const { format } = configuration.output
  await directory.write(synthesize(infrastructure, { layout: 'root', format, backend, awsProviderVersion }))
  await directory.terraform.init()
  return directory
}

/** What the state holds: what an earlier run, or this one, has made. */
async function readState(
  { configuration, world, progress }: Run,
  directory: TerraformDirectory,
): Promise<StackOutputs> {
  const state = await progress.step('Read the state', () => directory.terraform.outputs())
  // It is there in plain only where somebody applied the exported Terraform without a `pgp_key`.
  if (state.plainSecret !== undefined) world.reporter.mask(state.plainSecret)
  const { bucket, iamUserArn, multipartRoleArn, accessKeys } = state
  if (bucket !== undefined) progress.exists(`The bucket ${bucket} in ${configuration.infrastructure.region}.`)
  if (iamUserArn !== undefined) progress.exists(`The IAM user ${iamUserArn}.`)
  if (multipartRoleArn !== undefined) progress.exists(`The role ${multipartRoleArn}.`)
  for (const { id, generation } of accessKeys)
    progress.exists(`The access key ${id}, generation ${generation}.`)
  return state
}

/** Plans, and refuses what would cost data. */
async function planInfrastructure(
  { configuration, world, progress }: Run,
  directory: TerraformDirectory,
  step: string,
  { generations, pgpKey }: { generations: readonly string[]; pgpKey: string },
): Promise<Plan> {
  return progress.step(step, async () => {
    await directory.writeVariables(
      variableValues({
        bucket_name: configuration.infrastructure.bucketName,
        access_key_generations: generations,
        pgp_key: pgpKey,
      }),
    )
    const plan = await directory.terraform.plan({ readOnly: configuration.command === 'plan' })
    const refusal = refusalOf(plan)
    if (refusal !== undefined) throw new Error(refusal)
    for (const { action, address } of plan.changes) world.reporter.info(`${action} ${address}`)
    const { hasChanges, toAdd, toChange, toDestroy } = plan
    const counts = `${toAdd} to add, ${toChange} to change, ${toDestroy} to destroy`
    world.reporter.info(hasChanges ? counts : 'No changes')
    return plan
  })
}

async function applyPlan({ progress }: Run, directory: TerraformDirectory): Promise<void> {
  await progress.step('Apply', () =>
    directory.terraform.apply((address) => progress.exists(`${address}, made by this run.`)),
  )
}

/** Gives Valohai the store as it has to be; where that needs the secret, the key is proved first. */
async function linkStore(
  { configuration, world, progress }: Run,
  { valohai, project, store }: Link,
  needed: StorePlan,
  state: StackOutputs,
  envelope: { open(encrypted: string): Promise<string | undefined> },
): Promise<Store> {
  const { reporter } = world
  if (store !== undefined && needed.action === 'unchanged') return store
  if (store !== undefined && !needed.needsSecret) {
    return progress.step('Rename the store', () => valohai.renameStore(store, configuration.storeName))
  }

  const desired = desiredStore(configuration, state)
  const secret = await progress.step('Prove the access key', async () => {
    const secretAccessKey = state.plainSecret ?? (await envelope.open(state.encryptedSecret ?? ''))
    if (secretAccessKey === undefined) {
      throw new Error(
        `Nobody holds the secret of the access key ${desired.accessKeyId} any more; the next run makes a new key.`,
      )
    }
    reporter.mask(secretAccessKey)
    const credentials = { accessKeyId: desired.accessKeyId, secretAccessKey }
    const { bucket, region, multipartRoleArn } = desired
    await world.aws.proveCredentials({ credentials, bucket, region, multipartRoleArn })
    return secretAccessKey
  })
  return progress.step(store === undefined ? 'Create the store' : 'Update the store', async () => {
    const keyMadeAt = state.accessKeys.at(-1)?.created ?? new Date()
    const saved = await valohai.saveStore(project, store, desired, secret, { keyMadeAt })
    reporter.info(`Store "${saved.store.name}" (${saved.store.id}) ${saved.action}, and read back`)
    return saved.store
  })
}

async function makeDefault(
  { world, progress }: Run,
  { valohai, project }: Link,
  store: Store,
): Promise<void> {
  await progress.step("Make it the project's default store", async () => {
    const result = await valohai.makeDefault(project, store)
    world.reporter.info(result === 'set' ? 'Set, and read back' : 'It already is')
  })
}

function valohaiOutcome(
  { command, storeName, setDefault }: Configuration,
  { valohai, project, store: found }: Link,
  store: Store | undefined,
  { action, fields, needsSecret }: StorePlan,
): ValohaiOutcome {
  const wasDefault = found !== undefined && isDefault(project, found)
  const { defaultStore, uploadStoreId } = project
  return {
    project: `${project.owner.username}/${project.name}`,
    projectUrl: project.displayUrl,
    storeName: store?.name ?? storeName,
    storeId: store?.id,
    storeUrl: store && valohai.storeUrl(project, store),
    action,
    fields,
    newKey: needsSecret,
    defaultStore: {
      before: (defaultStore.known ? defaultStore.id : uploadStoreId) ?? undefined,
      changes: setDefault && !wasDefault,
      isThisStore: wasDefault || (setDefault && command === 'apply'),
    },
  }
}

function outcomeOf(
  { configuration }: Run,
  { path }: TerraformDirectory,
  plans: readonly Plan[],
  state: StackOutputs,
  valohai?: ValohaiOutcome,
  diff?: string,
): Outcome {
  return {
    command: configuration.command,
    changes:
      plans.some(({ hasChanges }) => hasChanges) ||
      (valohai !== undefined && (valohai.action !== 'unchanged' || valohai.defaultStore.changes)),
    aws: awsOutcome(plans, state, { directory: path, diff }),
    valohai,
  }
}
