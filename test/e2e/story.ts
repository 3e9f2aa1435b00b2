import type { StepResult } from '../support/action-runner'
import { readUser } from '../support/describe-aws'
import { openSandbox, type Sandbox } from './sandbox'

/** Runs for one bucket, one after the other: each begins where the one before it ended. */
export interface Story {
  readonly sandbox: Sandbox
  /** An `apply` that has to succeed. */
  apply(inputs?: Readonly<Record<string, string>>): Promise<StepResult>
  /** Ids of the active keys that the user has in IAM. */
  activeKeys(): Promise<(string | undefined)[]>
  /** The one store that is left in Valohai. */
  onlyStore(): Sandbox['valohai']['state']['stores'][number]
  /** One store, with the one active key, and the project's default. */
  expectConverged(): Promise<void>
}

export async function openStory(bucket: string): Promise<Story> {
  const sandbox = await openSandbox(bucket)
  const story: Story = {
    sandbox,
    apply: async (inputs = {}) => {
      const step = await sandbox.step(inputs)
      expect(step).toMatchObject({ exitCode: 0 })
      return step
    },
    activeKeys: async () => {
      const { keys } = await readUser(sandbox.emulator, `valohai-${bucket}`)
      return keys.filter(({ Status }) => Status === 'Active').map(({ AccessKeyId }) => AccessKeyId)
    },
    onlyStore: () => {
      const stores = sandbox.valohai.state.stores.filter(({ deleted }) => !deleted)
      expect(stores).toHaveLength(1)
      return stores[0]!
    },
    expectConverged: async () => {
      const store = story.onlyStore()
      expect(await story.activeKeys()).toEqual([store.configuration.access_key_id])
      expect(sandbox.valohai.state.projects[0]?.default_store).toBe(store.id)
    },
  }
  return story
}
