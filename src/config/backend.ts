import * as path from 'node:path'
import { backendSettings } from './backend-config'
import { exportStateKeyOf, LOCK_SUFFIXES, stateBucketName, stateKeyOf } from '../store/names'
import { invalid, type Parser, show, valid } from './problems'
import type { Reading } from './reader'
import { partitionOf } from '../store/regions'
import { choice } from './scalars'
import { type Backend, OTHER_BACKENDS, type OtherBackendType } from './request'

const BACKENDS = ['s3', ...OTHER_BACKENDS] as const

/** Inputs about a state in S3. */
const S3_INPUTS = ['state-bucket', 'state-key', 'state-region', 'state-bucket-owner'] as const

// S3's limit for a key; the locks beside the state have the same key and a suffix, the run lock's is the longest.
const LONGEST_KEY = 1024

/** Key of the state object, by S3's rules and the S3 backend's. */
export const stateKeyText: Parser<string> = (text) => {
  const fix = 'Write a key like "valohai-s3/my-bucket.tfstate"'
  const longest = LONGEST_KEY - LOCK_SUFFIXES.run.length
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes > longest) {
    return invalid(`The key is ${bytes} bytes long`, `Shorten it to ${longest}: its lock has a longer key`)
  }
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return invalid(`${show(text)} has line breaks or control characters`, fix)
  if (/^s3:\/\//i.test(text))
    return invalid(`${show(text)} is a URI`, 'Write the key alone, without the bucket')
  if (text.startsWith('/') || text.endsWith('/')) return invalid(`${show(text)} begins or ends with "/"`, fix)
  if (text.includes('//')) return invalid(`${show(text)} has "//" in it, which the S3 backend refuses`, fix)
  if (text.split('/').some((segment) => segment === '..' || segment === '.')) {
    return invalid(`${show(text)} has "." or ".." as a part of its path`, fix)
  }
  const suffix = Object.values(LOCK_SUFFIXES).find((one) => text.endsWith(one))
  if (suffix !== undefined) return invalid(`${show(text)} is the key of a lock`, `Leave "${suffix}" out`)
  return valid(text)
}

/** A backend that plain settings can set up. */
export const backendType: Parser<'s3' | OtherBackendType> = (text) => {
  if (text === 'remote') {
    return invalid(
      `${show(text)} needs a workspaces block, which backend-config cannot express`,
      'Write cloud, with TF_CLOUD_ORGANIZATION and TF_WORKSPACE in the environment; or synth the module layout',
    )
  }
  return choice(BACKENDS)(text)
}

/** Where the state is kept; `undefined` where that is wrong, or the bucket or its region is. */
export function readBackend(reading: Reading): Backend | undefined {
  const { command, values } = reading
  const type = values.backend
  // Not s3, and not known: whose settings these are is unknown too.
  if (type === undefined) return undefined
  if (type === 'cloud') return readCloud(reading)
  const settings = readSettings(reading, type)
  if (type === 's3') return readS3Backend(reading, settings)
  refuse(
    reading,
    S3_INPUTS,
    type,
    `Leave it out and set up ${type} with backend-config, or leave backend out`,
  )
  const isWrittenHere = type === 'local' && command?.runsTerraform === true
  return isWrittenHere ? readLocalBackend(reading, settings) : { type, settings }
}

/** Tells of inputs that say nothing about a backend. */
function refuse(
  { isGiven, report }: Reading,
  inputs: readonly ((typeof S3_INPUTS)[number] | 'backend-config')[],
  type: OtherBackendType,
  fix: string,
): void {
  for (const input of inputs) {
    if (isGiven(input)) report(input, `The state is kept by the backend ${show(type)}, not in S3`, fix)
  }
}

/** Settings of HCP Terraform and Terraform Enterprise, by the variable that Terraform reads each from. */
const CLOUD: Readonly<Record<string, { readonly variable: string; readonly isNeeded: boolean }>> = {
  organization: { variable: 'TF_CLOUD_ORGANIZATION', isNeeded: true },
  workspace: { variable: 'TF_WORKSPACE', isNeeded: true },
  project: { variable: 'TF_CLOUD_PROJECT', isNeeded: false },
  hostname: { variable: 'TF_CLOUD_HOSTNAME', isNeeded: false },
}

/** State in HCP Terraform: what Terraform would read from the environment is written down, so that it is known. */
function readCloud(reading: Reading): Backend {
  const { environment, report } = reading
  const fix = 'Leave it out: organization and workspace come from TF_CLOUD_ORGANIZATION and TF_WORKSPACE'
  refuse(reading, [...S3_INPUTS, 'backend-config'], 'cloud', fix)
  const settings: Record<string, string> = {}
  for (const [name, { variable, isNeeded }] of Object.entries(CLOUD)) {
    const value = environment[variable]?.trim() ?? ''
    if (value === '' && isNeeded)
      report('backend', `HCP Terraform has to be told the ${name}`, `Set ${variable} in the environment`)
    if (/[^\w. -]/.test(value))
      report('backend', `${variable} is no name`, 'Use letters, digits and . _ - alone')
    if (value !== '') settings[name] = value
  }
  return { type: 'cloud', settings }
}

function readSettings(
  { values, report }: Reading,
  type: 's3' | OtherBackendType,
): Readonly<Record<string, string>> {
  const parsed = backendSettings(values['backend-config'] ?? '', type)
  if ('value' in parsed) return parsed.value
  for (const { problem, fix } of parsed.findings) report('backend-config', problem, fix)
  return {}
}

/** State in a file: a relative path is the caller's, and Terraform works in a directory of its own. */
function readLocalBackend(
  { report }: Reading,
  settings: Readonly<Record<string, string>>,
): Backend | undefined {
  if (settings.path === undefined) {
    report(
      'backend-config',
      'The local backend has no path, so the state would be lost with the temporary directory',
      'Write path=terraform.tfstate, and keep that file',
    )
    return undefined
  }
  return { type: 'local', settings: { ...settings, path: path.resolve(settings.path) } }
}

function readS3Backend(
  { values, report, command }: Reading,
  extra: Readonly<Record<string, string>>,
): Backend | undefined {
  const { bucket, region, 'state-bucket': stateBucket, 'state-region': stateRegion } = values
  if (stateBucket !== undefined && stateBucket === bucket) {
    report(
      'state-bucket',
      `${show(stateBucket)} is the bucket for the data, whose user would then read and write the state`,
      `Leave it out to use "${stateBucketName(bucket)}", or name another bucket`,
    )
  }
  if (stateRegion !== undefined && region !== undefined && partitionOf(stateRegion) !== partitionOf(region)) {
    report(
      'state-region',
      `${show(stateRegion)} is in another partition than ${show(region)}, and credentials work in one`,
      `Write a region of the partition ${partitionOf(region) ?? ''}, or leave it out`,
    )
  }
  if (bucket === undefined || region === undefined) return undefined
  const named = {
    bucketName: bucket,
    manageBucket: values['manage-bucket'] ?? true,
    projects: values['valohai-project'] ?? [],
    storeAccess: values['store-access'] ?? 'project',
  }
  return {
    type: 's3',
    bucket: stateBucket ?? stateBucketName(bucket),
    key: values['state-key'] ?? (command?.isExport === true ? exportStateKeyOf(named) : stateKeyOf(named)),
    region: stateRegion ?? region,
    owner: values['state-bucket-owner'],
    extra,
  }
}
