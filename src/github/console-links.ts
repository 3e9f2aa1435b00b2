import { partitionOf } from '../store/regions'
import { visible } from '../markdown/escape'

/** Hosts of the AWS console, by partition. The isolated partitions have none that a link could reach. */
const HOSTS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
}

/** The page of a bucket in the AWS console; `undefined` in a partition without a public console. */
export function bucketPage(name: string, region: string): string | undefined {
  return page(region, `/s3/buckets/${encoded(name)}?region=${encoded(region)}`)
}

/** The page of an IAM user. @param arn the user's */
export function userPage(arn: string, region: string): string | undefined {
  return page(region, `/iam/home#/users/details/${encoded(nameIn(arn))}`)
}

/** The page of an IAM role. @param arn the role's */
export function rolePage(arn: string, region: string): string | undefined {
  return page(region, `/iam/home#/roles/details/${encoded(nameIn(arn))}`)
}

/** The page of a KMS key. @param arn the key's */
export function keyPage(arn: string, region: string): string | undefined {
  const id = encoded(nameIn(arn))
  return page(region, `/kms/home?region=${encoded(region)}#/kms/keys/${id}`)
}

/** The name at the end of an ARN: `valohai-my-bucket` of `arn:aws:iam::123456789012:user/path/valohai-my-bucket`. */
export function nameIn(arn: string): string {
  return arn.split(/[:/]/).at(-1) ?? arn
}

// Half a character has no encoding.
function encoded(value: string): string {
  return encodeURIComponent(visible(value))
}

function page(region: string, path: string): string | undefined {
  const host = HOSTS[partitionOf(region) ?? '']
  return host === undefined ? undefined : `https://${host}${path}`
}
