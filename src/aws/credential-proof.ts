import { randomUUID } from 'node:crypto'
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { s3Client, stsClient } from './clients'
import { describe, nameOf, statusOf } from './errors'
import { abortUpload, proofKey, removeLeftovers } from './proof-leftovers'

/** An access key of the store's user, with its secret. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** What a key must be able to do before Valohai is given it. */
export interface ProofRequest {
  readonly credentials: Credentials
  readonly bucket: string
  readonly region: string
  /** Account that the bucket must be of. */
  readonly owner: string
  /** When IAM made the key; `undefined`: just now. */
  readonly keyMadeAt?: Date | undefined
  /** The role for outputs over 5 GB, where there is one. */
  readonly multipartRoleArn: string | undefined
}

/** The clock of the proof: injected, so that tests need not wait. */
export interface ProofClock {
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
}

/** IAM needs seconds, at times a minute, until a new key is known everywhere. All in milliseconds. */
const LIMIT = 120_000
/** The least patience, with a key of any age: its user's policy may be new. */
const LEAST = 15_000
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 10_000

/** What is answered while a new key, user, role or policy has not reached the place that is asked, and tried again. */
const NOT_YET = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'UnrecognizedClientException',
  // A run of another project on the same bucket took the object for one that a dead run had left.
  'NoSuchKey',
])

/** What AWS says of a refusal that is no matter of a new key or user: a policy forbids it, and waiting does not help. */
const FOR_GOOD = /explicit deny|(?:service|resource) control policy|VPC endpoint policy/i

/**
 * Proves a key by using it as Valohai will: it writes, reads and deletes a small object in the bucket, and
 * starts and aborts a multipart upload through the role (guide, steps 4 to 6). Waits for IAM to propagate,
 * with back-off. What proofs of runs that died left in the bucket goes with it.
 *
 * @param info told each time a wait begins
 * @throws where a policy forbids it, or the key still cannot do it after two minutes: what it could not do, and
 * AWS's answer
 */
export async function proveCredentials(
  request: ProofRequest,
  info: (message: string) => void,
  clock: ProofClock,
): Promise<void> {
  const { keyMadeAt } = request
  const begin = clock.now()
  const deadline = Math.max(Math.min(Number(keyMadeAt ?? begin), begin) + LIMIT, begin + LEAST)
  let pause = FIRST_PAUSE
  const leftovers: Leftovers = { versions: new Set(), uploads: new Set(), written: undefined }
  const key = proofKey(randomUUID())
  for (const [what, prove] of proofs(request, key, leftovers)) {
    for (;;) {
      try {
        await prove()
        break
      } catch (cause) {
        if (!isTransient(cause) || clock.now() + pause > deadline)
          throw new Error(explain(cause, what, request), { cause })
        info(`IAM has not spread the new key yet (${nameOf(cause)}); trying again in ${pause / 1000} s`)
        await clock.sleep(pause)
        pause = Math.min(pause * 2, LONGEST_PAUSE)
      }
    }
  }
  const { credentials, bucket, region, owner } = request
  const { written } = leftovers
  await removeLeftovers(s3Client({ region, owner, credentials }), { bucket, key, written }, info)
}

function explain(cause: unknown, what: string, { credentials, owner }: ProofRequest): string {
  return [
    `The access key ${credentials.accessKeyId} cannot ${what}: ${describe(cause)}. Valohai was not given the key.`,
    ...(nameOf(cause) === 'SignatureDoesNotMatch' ? ['The secret is not that of this key.'] : []),
    `A service control policy, a permissions boundary or the KMS key's own policy may forbid it, or the bucket is not of account ${owner}.`,
    'Where only this runner may not reach the bucket (a VPC endpoint, a list of addresses), set `prove-key: false`.',
  ].join(' ')
}

function isTransient(error: unknown): boolean {
  const status = statusOf(error)
  if (status === undefined || status >= 500) return true
  return NOT_YET.has(nameOf(error)) && !FOR_GOOD.test(describe(error))
}

function proofs(
  { credentials, bucket, region, owner, multipartRoleArn }: ProofRequest,
  Key: string,
  leftovers: Leftovers,
): [what: string, prove: () => Promise<void>][] {
  const object = { Bucket: bucket, Key }
  const ofUser: [string, () => Promise<void>] = [
    `write, read and delete an object in the bucket ${bucket}`,
    () => roundTrip(s3Client({ region, owner, credentials }), object, leftovers),
  ]
  if (multipartRoleArn === undefined) return [ofUser]
  return [
    ofUser,
    [
      `start a multipart upload to the bucket ${bucket} as ${multipartRoleArn}`,
      async () => {
        const temporary = await assume(region, credentials, multipartRoleArn)
        await startAndAbort(s3Client({ region, owner, credentials: temporary }), object, leftovers)
      },
    ],
  ]
}

/** What earlier tries wrote and were not let remove yet: the try that succeeds removes it all. */
interface Leftovers {
  readonly versions: Set<string | undefined>
  readonly uploads: Set<string | undefined>
  /** When the object was written that was read last, by S3's clock. */
  written: Date | undefined
}

async function roundTrip(
  s3: S3Client,
  object: { Bucket: string; Key: string },
  leftovers: Leftovers,
): Promise<void> {
  const { versions } = leftovers
  const body = 'Written to prove the access key, and removed at once.'
  versions.add((await s3.send(new PutObjectCommand({ ...object, Body: body }))).VersionId)
  try {
    const { Body, LastModified } = await s3.send(new GetObjectCommand(object))
    leftovers.written = LastModified
    if ((await Body?.transformToString()) !== body)
      throw new Error('the object read back is not the one written')
  } finally {
    // By version, so that a versioned bucket is left without a trace of it.
    for (const VersionId of versions) {
      await s3.send(new DeleteObjectCommand({ ...object, ...(VersionId === undefined ? {} : { VersionId }) }))
      versions.delete(VersionId)
    }
  }
}

async function startAndAbort(
  s3: S3Client,
  object: { Bucket: string; Key: string },
  { uploads }: Leftovers,
): Promise<void> {
  uploads.add((await s3.send(new CreateMultipartUploadCommand(object))).UploadId)
  for (const UploadId of uploads) {
    await abortUpload(s3, { ...object, UploadId })
    uploads.delete(UploadId)
  }
}

async function assume(
  region: string,
  credentials: Credentials,
  roleArn: string,
): Promise<Credentials & { sessionToken: string }> {
  const { Credentials: given } = await stsClient({ region, credentials }).send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'valohai-s3-action', DurationSeconds: 900 }),
  )
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  }
}
