/** The partition in an ARN: `aws`, `aws-cn`, `aws-us-gov`, … */
export const partitionIn = (arn: string): string => arn.split(':')[1] ?? 'aws'

/** The account in an ARN: twelve digits; `undefined` where it has none, as a bucket's. */
export function accountIn(arn: string | undefined): string | undefined {
  const account = arn?.split(':')[4]
  return account === '' ? undefined : account
}
