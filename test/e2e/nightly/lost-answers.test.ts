import { expectWellWithout } from '../lost-answers'

const BUCKET = 'acme-lost'

test.each([
  'IAM CreateUser',
  'IAM CreateRole',
  'IAM CreateAccessKey',
  `S3 PUT /${BUCKET}`,
  `S3 PUT /${BUCKET}-tfstate/`,
  `S3 PUT /${BUCKET}/.valohai-s3-action/credential-check-<uuid>`,
  'STS AssumeRole',
  'Valohai POST /api/v0/stores/',
  'Valohai PATCH /api/v0/projects/<uuid>/',
])('a lost answer to %s: the run itself ends well', (request) => expectWellWithout(BUCKET, [request]))
