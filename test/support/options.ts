import type { InfrastructureOptions } from '../../src/infra/options'

/** The options of a run that asks for nothing but a bucket. */
export const defaultOptions = (bucketName: string): InfrastructureOptions => ({
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
  tags: {},
})
