import { lines } from './lines'
import { type Finding, invalid, type Parser, show, valid } from './problems'
import { KMS_KEY_ARN } from '../store/names'
import { partitionOf } from '../store/regions'

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const BARE_KEY = new RegExp(`^(?:key/)?(?:${UUID}|mrk-[0-9a-f]{32})$`, 'i')
const SHAPE = 'arn:aws:kms:<region>:<account>:key/<key id>'

/** The ARN of a KMS key; not an alias or an id, since the policies that grant its use need the ARN. */
export const kmsKeyArn: Parser<string> = (text) => {
  if (new RegExp(KMS_KEY_ARN).test(text)) return valid(text)
  const copy = `Write the key's own ARN, ${SHAPE}; the KMS console shows it on the key's page`
  if (/^(?:arn:[^:]*:kms:.*:)?alias\//i.test(text)) {
    return invalid(
      `${show(text)} is an alias, and IAM policies do not grant the use of a key by its alias`,
      copy,
    )
  }
  if (BARE_KEY.test(text))
    return invalid(`${show(text)} is the id of a key without its account and region`, copy)
  return invalid(`${show(text)} is not the ARN of a KMS key`, copy)
}

/** ARNs of KMS keys, one a line. */
export const kmsKeyArns: Parser<readonly string[]> = lines(kmsKeyArn)

/** S3 encrypts with keys of the bucket's own region only. Takes a valid ARN and a valid region. */
export function kmsKeyElsewhere(arn: string, region: string): Finding | undefined {
  const [, partition, , keyRegion] = arn.split(':')
  if (keyRegion !== region) {
    return {
      problem: `The key is in ${show(keyRegion ?? '')}, the bucket in ${show(region)}`,
      fix: `Use a key of ${region}; of a multi-Region key, the ARN of its replica there`,
    }
  }
  const expected = partitionOf(region)
  if (expected === undefined || partition === expected) return undefined
  return {
    problem: `The ARN is of partition ${show(partition ?? '')}, while ${region} is in ${show(expected)}`,
    fix: `Write the ARN as KMS shows it: it begins with "arn:${expected}:"`,
  }
}
