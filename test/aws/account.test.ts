import { findAccount } from '../../src/aws/account'
import { ACCOUNT, startFakeAws, stsError, type FakeAws } from '../support/fake-aws'

let aws: FakeAws

afterEach(() => aws.close())

it('tells whose credentials these are', async () => {
  aws = await startFakeAws()
  await expect(findAccount('eu-west-1')).resolves.toEqual(ACCOUNT)
  expect(aws.operations).toEqual(['GetCallerIdentity'])
  // The region asked is the one of the bucket: a key of another partition is refused there.
  expect(aws.requests[0]?.headers.authorization).toMatch(/Credential=AKIADEPLOYER\/\d+\/eu-west-1\/sts\//)
})

it.each([
  ['ExpiredToken', 403, /have expired\. Get new ones/],
  ['InvalidClientTokenId', 403, /refuses the credentials in cn-north-1 .*partition/],
  ['InvalidClientTokenId', 403, /region may not be enabled.*token is one of STS's global endpoint/],
  ['SignatureDoesNotMatch', 403, /refuses the credentials in cn-north-1/],
  ['UnrecognizedClientException', 400, /refuses the credentials in cn-north-1/],
  ['AccessDenied', 403, /could not be asked .*\(region cn-north-1\): AccessDenied: refused by the fake/],
])('explains %s', async (code, status, message) => {
  aws = await startFakeAws()
  aws.intercept = () => stsError(status, code)
  await expect(findAccount('cn-north-1')).rejects.toThrow(message)
})

it('says how to get credentials where there are none', async () => {
  aws = await startFakeAws({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })
  await expect(findAccount('eu-west-1')).rejects.toThrow(
    /^No AWS credentials found\..*aws-actions\/configure-aws-credentials.*AWS_PROFILE/,
  )
  expect(aws.requests).toEqual([])
})

it('refuses an answer that names nobody', async () => {
  aws = await startFakeAws()
  aws.intercept = () => ({
    body: '<GetCallerIdentityResponse><GetCallerIdentityResult></GetCallerIdentityResult></GetCallerIdentityResponse>',
  })
  await expect(findAccount('eu-west-1')).rejects.toThrow('The answer names no account.')
})
