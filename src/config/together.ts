import { STATE } from './inputs'
import { kmsKeyElsewhere } from './kms'
import type { Reading } from './reader'

/** Tells of inputs that are right by themselves and wrong together. */
export function checkTogether({ values, isGiven, isExplicit, report }: Reading): void {
  const { region, 'kms-key-arn': keyArn } = values
  const elsewhere = region === undefined || keyArn === undefined ? undefined : kmsKeyElsewhere(keyArn, region)
  if (elsewhere !== undefined) report('kms-key-arn', elsewhere.problem, elsewhere.fix)

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
