import { desiredStore } from '../../decide/store'
import type { Step } from '../../decide/steps'
import { accountIn } from '../../store/arn'
import type { Reached, ValohaiScene } from './context'

/**
 * Proves the new key by using it, and gives it to the store (guide, step 6), which is created where it is
 * missing. What is read back counts.
 */
export async function handOver(
  scene: ValohaiScene,
  { generation }: Extract<Step, { kind: 'hand-over' }>,
  reached: Reached,
): Promise<Reached> {
  const { world, progress, envelope, ledger, decision, observed, request } = scene
  const { valohai } = world
  const { user, role, keys } = reached.state
  const key = keys.find((one) => one.generation === generation)
  if (valohai === undefined || observed.valohai === undefined || key === undefined) {
    throw new Error(`There is no access key of generation ${generation} to hand over.`)
  }
  const { store, projects } = observed.valohai
  const desired = desiredStore(decision.spec, { role, store, accessKeyId: key.id })
  const secret = await progress.step('Prove the access key', async () => {
    const secretAccessKey = await envelope.open(key.sealedSecret ?? '')
    if (secretAccessKey === undefined) {
      throw new Error(
        `The secret of the access key ${key.id} was sealed by another run; the next run makes a new key.`,
      )
    }
    world.reporter.mask(secretAccessKey)
    const { bucket, region, multipartRoleArn } = desired
    const credentials = { accessKeyId: key.id, secretAccessKey }
    if (request.aws.proveKey) {
      const owner = accountIn(user?.arn) ?? ''
      const keyMadeAt = key.created
      await world.aws.proveCredentials({ credentials, keyMadeAt, bucket, region, owner, multipartRoleArn })
    } else {
      world.reporter.info(`The access key ${key.id} is not used first: prove-key is false`)
    }
    return secretAccessKey
  })

  const saved = await progress.step(
    store === undefined ? 'Create the store' : 'Update the store',
    async () => {
      const to = store === undefined ? { offeredAs: desired.name } : { store: store.id }
      await ledger.note(generation, { progress: 'offered', ...to })
      const keyMadeAt = key.created ?? world.now()
      const { store: after, action } = await valohai.saveStore(projects[0], store, desired, secret, {
        keyMadeAt,
      })
      progress.exists(`The data store "${after.name}" (${after.id}) in Valohai.`)
      await ledger.note(generation, { progress: 'taken', store: after.id })
      world.reporter.info(`Store "${after.name}" (${after.id}) ${action}, and read back`)
      return after
    },
  )
  return { ...reached, store: saved }
}
