import { decide } from '../decide/decide'
import type { Account } from '../decide/observed'
import type { Decision } from '../decide/steps'
import {
  importBlocks,
  removedBlocks,
  synthesize,
  teardown,
  type BackendBlock,
  type Target,
} from '../infra/synthesize'
import { leftTypes } from '../store/parts'
import { backendBlock } from '../state/backend'
import type { Run } from './act/context'
import { observe, type Ground } from './observe'
import type { TerraformDirectory } from './world'

/**
 * Finds Terraform and the account, makes the state's bucket where it is missing, and takes the lock of this
 * state's runs. Terraform's `init` is begun, and goes on while the run looks.
 */
export async function prepare(run: Run): Promise<Ground> {
  const { request, world, progress } = run
  const { account, directory } = await progress.step('Prepare Terraform', async () => {
    const [account, directory] = await Promise.all([findAccount(run), world.openTerraform()])
    world.reporter.info(`AWS account ${account.id}, as ${account.arn}`)
    return { account, directory }
  })
  const hasState = await prepareState(run, account, directory)
  const initialized = initialize(run, directory, hasState)
  // Awaited later, when a failure elsewhere may have ended the run already.
  initialized.catch(() => undefined)
  const { stateBucket } = world
  try {
    const lock =
      request.writes && hasState && stateBucket !== undefined
        ? await progress.step('Take the lock of this store', () => stateBucket.takeLock())
        : undefined
    return { account, directory, hasState, initialized, lock }
  } catch (cause) {
    await ended(initialized)
    throw cause
  }
}

/** Waits until `init` has ended, however it did: its directory is removed with the run, and must not fill again. */
export async function ended(initialized: Promise<void>): Promise<void> {
  await initialized.catch(() => undefined)
}

/** @throws where the account is none of those that may be worked in: before anything is written, and by a plan too */
async function findAccount({ world, request }: Run): Promise<Account> {
  const account = await world.aws.findAccount()
  const { allowedAccountIds } = request.aws
  if (allowedAccountIds.length === 0 || allowedAccountIds.includes(account.id)) return account
  throw new Error(
    `The AWS credentials are of account ${account.id} (${account.arn}), and \`allowed-account-ids\` has ${allowedAccountIds.join(', ')} alone. Nothing was changed. Sign in to the account that was meant, or add this one.`,
  )
}

/** Makes the state's bucket where it is missing; who writes nothing, or only takes down, makes none. Returns whether there is a state to read. */
async function prepareState(run: Run, account: Account, directory: TerraformDirectory): Promise<boolean> {
  const { request, world, progress } = run
  const { stateBucket } = world
  if (stateBucket === undefined) {
    if (request.writes)
      world.reporter.info(
        `With the backend ${request.terraform.backend.type} runs do not take turns, and keep no record of keys: let one run at a time, in workflows by a \`concurrency\` group`,
      )
    return true
  }
  const found = await progress.step('Look at the state bucket', () => stateBucket.look(account))
  const exists = (): void => progress.exists(`The state bucket ${stateBucket.name}.`)
  if (found !== 'missing') exists()
  if (!request.writes || request.wish === 'destroy') {
    if (found === 'missing')
      world.reporter.info(`There is no state bucket ${stateBucket.name} yet; apply will make it`)
    return found !== 'missing'
  }
  if (found === 'used') return true
  // Before the first write of all: whatever refuses this run must leave nothing behind.
  await progress.step('Look at what is there', async () => {
    const nothingYet = {
      account,
      directory,
      lock: undefined,
      hasState: false,
      initialized: Promise.resolve(),
    }
    decide(request, await observe(run, nothingYet))
  })
  await progress.step('Make the state bucket', () => stateBucket.make(account, exists))
  return true
}

async function initialize(run: Run, directory: TerraformDirectory, hasState: boolean): Promise<void> {
  await writeConfiguration(run, { directory, hasState }, { spec: run.request.store, imports: [] })
  await directory.terraform.init()
}

/** Writes the Terraform of a store into the directory that Terraform works in. */
export async function writeConfiguration(
  { request }: Run,
  { directory, hasState }: Pick<Ground, 'directory' | 'hasState'>,
  { spec, imports }: Pick<Decision, 'spec' | 'imports'>,
): Promise<void> {
  const { awsProviderVersion, backend: asked } = request.terraform
  // To a plan without a state everything is new: a state of its own, thrown away with the directory.
  const backend: BackendBlock = hasState ? backendBlock(asked) : { type: 'local', settings: {} }
  const { format } = request.output
  const target: Target = { layout: 'root', format, backend, awsProviderVersion }
  await directory.write(
    request.wish === 'destroy'
      ? teardown(spec, target, request.deletesBucket === true)
      : new Map([...synthesize(spec, target), ...importBlocks(imports), ...removedBlocks(leftTypes(spec))]),
  )
}
