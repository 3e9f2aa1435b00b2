import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import type { StepResult } from '../support/action-runner'
import { readKeys, s3Client } from '../support/describe-aws'
import type { Sandbox } from './sandbox'
import { useStore } from './story'

/** How a run went by the clock. */
export interface Timed {
  readonly result: StepResult
  /** Seconds in all. */
  readonly seconds: number
  /** Its longest silence of over five seconds, and the line that it began with. */
  readonly longestWait: { readonly seconds: number; readonly after: string } | undefined
}

/** Runs a step, and looks at when it says what. */
export async function timed(run: (onLine: (line: string) => void) => Promise<StepResult>): Promise<Timed> {
  const lines: { at: number; line: string }[] = [{ at: Date.now(), line: 'its start' }]
  const result = await run((line) => lines.push({ at: Date.now(), line }))
  const secondsBetween = (from: number, to: number): number => Math.round((to - from) / 1000)
  const silences = lines.slice(1).map(({ at }, index) => {
    const { at: begin = at, line: after = '' } = lines[index] ?? {}
    return { seconds: secondsBetween(begin, at), after }
  })
  const [longest] = silences.filter(({ seconds }) => seconds > 5).sort((a, b) => b.seconds - a.seconds)
  return {
    result,
    seconds: secondsBetween(lines[0]?.at ?? 0, lines.at(-1)?.at ?? 0),
    longestWait: longest,
  }
}

/**
 * What is not as it should be once a run has ended well: read from AWS and from Valohai, not from the run.
 *
 * @param keysExpected how many access keys the user has: the one that the store holds, and those in their grace
 * @returns each a clause; empty where all is well
 */
export async function faultsOf(sandbox: Sandbox, bucket: string, keysExpected: number): Promise<string[]> {
  const { emulator, valohai } = sandbox
  const stores = valohai.state.stores.filter(({ deleted }) => !deleted)
  const [store] = stores
  if (store === undefined || stores.length > 1) return [`there are ${stores.length} stores`]
  const held = String(store.configuration.access_key_id)
  const keys = await readKeys(emulator, `valohai-${bucket}`)
  const stateObjects = await inBucket(sandbox, `${bucket}-tfstate`, '')
  const ofProof = await inBucket(sandbox, bucket, '.valohai-s3-action/')
  return [
    ...(valohai.state.projects[0]?.default_store === store.id ? [] : ['the store is not the default']),
    ...(keys[held] === 'Active' ? [] : [`the store holds ${held}, which IAM does not have`]),
    ...(Object.keys(keys).length === keysExpected ? [] : [`the user has ${Object.keys(keys).length} keys`]),
    ...stateObjects.filter((key) => key.endsWith('.tflock')).map((key) => `${key} is left`),
    ...ofProof.map((key) => `${key} is left in the bucket`),
    ...(await useStore(emulator, store).then(
      () => [],
      (error: unknown) => [`the store does not work: ${String(error)}`],
    )),
  ]
}

/** What is in a bucket under a prefix: objects that are shown, in the bucket of outputs every version and upload. */
async function inBucket({ emulator }: Sandbox, Bucket: string, Prefix: string): Promise<string[]> {
  const s3 = s3Client(emulator)
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }))
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix }))
  const shown = Versions.filter(({ IsLatest }) => Prefix !== '' || IsLatest)
  return [...shown.map(({ Key }) => Key ?? ''), ...Uploads.map(({ Key }) => `the upload of ${Key}`)]
}
