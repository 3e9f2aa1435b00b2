import * as semver from 'semver'
import { isAccountRegional } from '../store/names'
import { takes } from './command'
import { STATE } from './inputs'
import { kmsKeyElsewhere } from './kms'
import { listed, show } from './problems'
import type { Reading } from './reader'

/** Inputs that are about the bucket alone. */
const OF_BUCKET = [
  'public-access-block',
  'cors',
  'versioning',
  'noncurrent-days',
  'abort-multipart-days',
  'deny-reconfiguration',
  'delete-bucket',
] as const

/** Tells of inputs that are right by themselves and wrong together. */
export function checkTogether(reading: Reading): void {
  const { values, isGiven, isExplicit, report } = reading
  checkKeys(reading)
  checkBucket(reading)
  checkProjects(reading)
  if (isGiven('multipart-role-name') && values.multipart === false) {
    report(
      'multipart-role-name',
      'There is no role to name while multipart is false',
      'Leave it out, or set multipart to true',
    )
  }
  const { 'max-key-age-days': age, 'key-grace-days': grace } = values
  if (age !== undefined && grace !== undefined && age <= grace) {
    report(
      'max-key-age-days',
      `The key would be replaced every ${age} days, and its predecessor stays for ${grace}`,
      `Write more than ${grace}, or less for key-grace-days`,
    )
  }
  if (values.layout === 'module') {
    for (const input of STATE.filter(isExplicit)) {
      const fix = 'Leave it out, or leave layout out: the configuration that calls the module has the backend'
      report(input, 'A module has no backend', fix)
    }
  }
}

/** KMS keys that cannot be those of the bucket. */
function checkKeys({ values, report }: Reading): void {
  const { region, 'kms-key-arn': key, 'kms-decrypt-key-arns': earlier = [] } = values
  if (region === undefined) return
  const check = (input: 'kms-key-arn' | 'kms-decrypt-key-arns', arn: string): void => {
    const elsewhere = kmsKeyElsewhere(arn, region)
    if (elsewhere !== undefined) report(input, elsewhere.problem, elsewhere.fix)
  }
  if (key !== undefined) check('kms-key-arn', key)
  for (const arn of earlier) check('kms-decrypt-key-arns', arn)
}

/** Settings of a bucket that is managed elsewhere, and what a bucket of ours cannot have. */
function checkBucket({ command, values, isExplicit, report }: Reading): void {
  const { bucket, region, 'aws-provider-version': provider } = values
  if (values['manage-bucket'] === false) {
    for (const input of OF_BUCKET.filter(isExplicit)) {
      const fix = 'Leave it out and set it where the bucket is managed, or leave manage-bucket out'
      report(input, 'With manage-bucket: false no setting of the bucket is touched', fix)
    }
    return
  }
  if (isExplicit('noncurrent-days') && values.versioning === false) {
    report(
      'noncurrent-days',
      'There are no old versions while versioning is false',
      'Leave it out, or set versioning to true',
    )
  }
  const [, named] = /-[0-9]{12}-([a-z0-9-]+)-an$/.exec(bucket ?? '') ?? []
  if (named !== undefined && region !== undefined && named !== region) {
    report(
      'bucket',
      `${show(bucket ?? '')} is a name for ${named}, and the bucket is to be in ${region}`,
      `Write ${region} in the name, or ${named} as region`,
    )
  }
  const isOurs = command === undefined || takes(command, 'aws-provider-version')
  const isTooOld = isOurs && provider !== undefined && semver.lt(provider, '6.40.0')
  if (bucket !== undefined && isAccountRegional(bucket) && isTooOld) {
    report(
      'aws-provider-version',
      `${show(bucket)} is in an account's own namespace, where the AWS provider ${provider} makes no bucket`,
      'Write 6.40.0 or later below 7',
    )
  }
}

/** Several projects that no single store can serve. */
function checkProjects({ values, report }: Reading): void {
  const { 'valohai-project': projects = [], 'store-access': access, 'manage-bucket': manage } = values
  if (projects.length > 1 && access === 'project') {
    report(
      'valohai-project',
      `${projects.length} projects are given, and the store is for one alone`,
      'Write one project, or set store-access to organization',
    )
  }
  const owners = new Set(
    projects.filter((project) => project.includes('/')).map((p) => p.split('/')[0] ?? ''),
  )
  if (owners.size > 1) {
    report(
      'valohai-project',
      `The projects have different owners: ${listed([...owners].map(show))}`,
      'Write projects of one owner; the others need a step of their own, with manage-bucket: false',
    )
  }
  const isId = projects[0]?.includes('/') === false
  if (isId && access === 'organization' && manage === false) {
    report(
      'valohai-project',
      'Names come from bucket and owner here, and a UUID does not tell the owner',
      'Write the first project as owner/name',
    )
  }
}
