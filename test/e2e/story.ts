import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Finding } from '../../src/decide/findings'
import type { StepOptions, StepResult } from '../support/action-runner'
import { readKeys, s3Client } from '../support/describe-aws'
import type { Emulator } from '../support/emulator'
import type { StandInStore } from '../support/valohai-stand-in'
import { openSandbox, type Sandbox } from './sandbox'

/** Runs for one bucket, one after the other: each begins where the one before it ended. */
export interface Story {
  readonly sandbox: Sandbox
  /** A run that has to succeed, `apply` where no other command is asked for. */
  run(inputs?: Readonly<Record<string, string>>, options?: Partial<StepOptions>): Promise<StepResult>
  /** What `check` finds; its outputs and its log agree. */
  check(inputs?: Readonly<Record<string, string>>, options?: Partial<StepOptions>): Promise<Finding[]>
  /** A run that has to fail. */
  runInVain(inputs?: Readonly<Record<string, string>>): Promise<StepResult>
  /** The keys that the user has in IAM: `Active` or `Inactive` by id, oldest first. */
  keys(): Promise<Record<string, string | undefined>>
  /** The one store that is left in Valohai. */
  onlyStore(): StandInStore
  /** Id of the key that Valohai has, whether its API shows it or not. */
  heldKey(): string
  /** Uses the one store as an execution would. */
  useStore(): Promise<void>
  /** One store, the project's default, with a key that works. */
  expectConverged(): Promise<void>
  /**
   * Moves what the record says back by some days. A run has no other clock than the machine's, so this is how
   * time passes for the keys.
   */
  letDaysPass(days: number): Promise<void>
  /** Marks the lock of a run that died free, so that the next one need not wait the minute for it to be void. */
  freeRunLock(): Promise<void>
}

const DAY = 86_400_000

/** The day so many days from now, in UTC: `2026-03-01`. */
export const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString().slice(0, 10)

/** Writes, reads and deletes with the key and the secret that Valohai was given, as an execution would. */
export async function useStore(emulator: Emulator, { configuration }: StandInStore): Promise<void> {
  const s3 = s3Client(emulator, {
    accessKeyId: String(configuration.access_key_id),
    secretAccessKey: String(configuration.secret_access_key),
  })
  const object = { Bucket: String(configuration.bucket), Key: 'output.txt' }
  await emulator.enforceIam(true)
  try {
    await s3.send(new PutObjectCommand({ ...object, Body: 'output' }))
    const { Body } = await s3.send(new GetObjectCommand(object))
    expect(await Body?.transformToString()).toBe('output')
    await s3.send(new DeleteObjectCommand(object))
  } finally {
    await emulator.enforceIam(false)
  }
}

export async function openStory(bucket: string): Promise<Story> {
  const sandbox = await openSandbox(bucket)
  const { emulator, valohai } = sandbox
  const run = async (
    exitCode: number,
    inputs: Readonly<Record<string, string>> = {},
    options?: Partial<StepOptions>,
  ): Promise<StepResult> => {
    const step = await sandbox.step(inputs, options)
    if (step.exitCode !== exitCode) throw new Error(`It ended with ${step.exitCode}:\n${step.stdout}`)
    return step
  }
  const story: Story = {
    sandbox,
    run: (inputs, options) => run(0, inputs, options),
    check: async (inputs, options) => {
      const { outputs, stdout } = await run(
        0,
        { command: 'check', 'fail-on-drift': 'false', ...inputs },
        options,
      )
      const findings = JSON.parse(outputs.findings ?? '') as Finding[]
      expect(outputs.drift).toBe(String(findings.length > 0))
      for (const { what } of findings) expect(stdout).toContain(what)
      return findings
    },
    runInVain: (inputs) => run(1, inputs),
    keys: () => readKeys(emulator, `valohai-${bucket}`),
    onlyStore: () => {
      const stores = valohai.state.stores.filter(({ deleted }) => !deleted)
      expect(stores).toHaveLength(1)
      return stores[0]!
    },
    heldKey: () => String(story.onlyStore().configuration.access_key_id),
    useStore: () => useStore(emulator, story.onlyStore()),
    expectConverged: async () => {
      expect(await story.keys()).toMatchObject({ [story.heldKey()]: 'Active' })
      expect(valohai.state.projects[0]?.default_store).toBe(story.onlyStore().id)
      await story.useStore()
    },
    letDaysPass: (days) =>
      rewriteRunLock((text) =>
        text.replaceAll(
          /"since": "([^"]+)"/g,
          (_, since: string) => `"since": "${new Date(Date.parse(since) - days * DAY).toISOString()}"`,
        ),
      ),
    freeRunLock: () => rewriteRunLock((text) => text.replace('"isHeld": true', '"isHeld": false')),
  }
  /** The run lock's object, which carries the record. */
  async function rewriteRunLock(change: (text: string) => string): Promise<void> {
    const s3 = s3Client(emulator)
    const lock = { Bucket: `${bucket}-tfstate`, Key: `valohai-s3/${bucket}.tfstate.run-lock` }
    const { Body } = await s3.send(new GetObjectCommand(lock))
    const text = (await Body?.transformToString()) ?? ''
    const changed = change(text)
    expect(changed).not.toBe(text)
    await s3.send(new PutObjectCommand({ ...lock, Body: changed }))
  }
  return story
}
