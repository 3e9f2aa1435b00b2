import { isPublic } from '../../src/aws/public-access'
import { pointAwsAt, startLoopback, type Loopback, type LoopbackReply } from '../support/loopback'

let server: Loopback
let restore: () => void

afterEach(async () => {
  restore()
  await server.close()
})

const ask = async (reply: LoopbackReply): Promise<boolean | undefined> => {
  server = await startLoopback(({ method, query }) =>
    method === 'GET' && query.has('policyStatus') ? reply : { status: 500 },
  )
  restore = pointAwsAt(server.url)
  return isPublic({ name: 'my-bucket', region: 'eu-west-1' }, { id: '123456789012' })
}
const status = (is: boolean): LoopbackReply => ({
  body: `<PolicyStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsPublic>${String(is)}</IsPublic></PolicyStatus>`,
})
const error = (code: number, name: string): LoopbackReply => ({
  status: code,
  body: `<Error><Code>${name}</Code><Message>no</Message></Error>`,
})

it.each<[string, LoopbackReply, boolean | undefined]>([
  ['public', status(true), true],
  ['not public', status(false), false],
  ['no policy at all', error(404, 'NoSuchBucketPolicy'), false],
  ['an answer of something else', { body: '<ListBucketResult></ListBucketResult>' }, undefined],
])('%s', async (_what, reply, is) => {
  await expect(ask(reply)).resolves.toBe(is)
})

it('a missing right is told', async () => {
  await expect(ask(error(403, 'AccessDenied'))).rejects.toThrow('whether my-bucket is public')
})
