import type { StoreSpec } from '../../src/store/spec'

/** The options of a run that asks for nothing but a bucket. */
export const defaultOptions = (bucketName: string): StoreSpec => ({
  bucketName,
  region: 'eu-west-1',
  valohaiOrigin: 'https://app.valohai.com',
  cors: true,
  multipart: true,
  versioning: false,
  abortMultipartDays: 7,
  kmsKeyArn: undefined,
  iamUserName: undefined,
  multipartRoleName: undefined,
  keyGraceDays: 7,
  maxKeyAgeDays: undefined,
  kmsDecryptKeyArns: [],
  kmsKeptKeyArns: [],
  storeAccess: 'project',
  tags: {},
  storeName: undefined,
  setDefault: true,
})
