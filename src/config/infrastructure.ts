import type { StoreSpec } from '../store/spec'
import { bucketName } from './bucket'
import { complete } from './complete'
import { iamName } from './iam-name'
import { kmsKeyArn, kmsKeyElsewhere } from './kms'
import type { InputReader } from './reader'
import { regionCode } from './region'
import { boolean, wholeNumber } from './scalars'
import { tagMap } from './tags'
import { DEFAULT_ORIGIN, storeName, valohaiOrigin } from './valohai'

// S3 sets no limit of its own; ten years are longer than anybody means.
const MOST_DAYS = 3650

/** What the Terraform is made from; `undefined` where any of it is missing or wrong. */
export function readInfrastructure(reader: InputReader): StoreSpec | undefined {
  if (reader.text('bucket') === undefined) {
    reader.report(
      'bucket',
      'Nothing is given',
      'Give the name of the bucket, for example "my-valohai-bucket"',
    )
  }
  if (reader.text('region') === undefined) {
    reader.report('region', 'Nothing is given', 'Give a region, for example "eu-west-1", or set AWS_REGION')
  }
  const needed = complete({
    bucketName: reader.read('bucket', bucketName),
    region: reader.read('region', regionCode),
    valohaiOrigin: reader.read('valohai-url', valohaiOrigin) ?? DEFAULT_ORIGIN,
    cors: reader.read('cors', boolean),
    multipart: reader.read('multipart', boolean),
    versioning: reader.read('versioning', boolean),
    abortMultipartDays: reader.read('abort-multipart-days', wholeNumber('days', 0, MOST_DAYS)),
    tags: reader.read('tags', tagMap) ?? {},
    setDefault: reader.read('set-default', boolean),
    keyGraceDays: 7,
  })
  const optional = {
    kmsKeyArn: reader.read('kms-key-arn', kmsKeyArn),
    iamUserName: reader.read('iam-user-name', iamName),
    multipartRoleName: reader.read('multipart-role-name', iamName),
    storeName: reader.read('store-name', storeName),
    maxKeyAgeDays: undefined,
  }
  checkTogether(reader)
  return needed && { ...needed, ...optional }
}

/** Inputs that are right by themselves and wrong together. */
function checkTogether(reader: InputReader): void {
  const region = reader.peek('region', regionCode)
  const keyArn = reader.peek('kms-key-arn', kmsKeyArn)
  const elsewhere = region === undefined || keyArn === undefined ? undefined : kmsKeyElsewhere(keyArn, region)
  if (elsewhere !== undefined) reader.report('kms-key-arn', elsewhere.problem, elsewhere.fix)

  if (reader.isExplicit('multipart-role-name') && reader.peek('multipart', boolean) === false) {
    reader.report(
      'multipart-role-name',
      'There is no role to name while multipart is false',
      'Leave it out, or set multipart to true',
    )
  }
}
