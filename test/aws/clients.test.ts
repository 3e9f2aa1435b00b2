import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HeadBucketCommand } from '@aws-sdk/client-s3'
import nock from 'nock'
import { s3Client } from '../../src/aws/clients'

let proxy: Server
let seen: string[]
const environment = { ...process.env }

beforeEach(async () => {
  nock.restore()
  seen = []
  proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  process.env.HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  process.env.AWS_ENDPOINT_URL = 'http://aws.invalid'
  process.env.AWS_ACCESS_KEY_ID = 'AKIA'
  process.env.AWS_SECRET_ACCESS_KEY = 'secret'
})

afterEach(() => {
  proxy.close()
  process.env = { ...environment }
})

test('the proxy of the environment is used', async () => {
  const s3 = s3Client({ region: 'eu-west-1' })
  await expect(s3.send(new HeadBucketCommand({ Bucket: 'my-bucket' }))).rejects.toMatchObject({
    name: 'NotFound',
  })
  expect(seen).toEqual([expect.stringMatching(/^HEAD http:\/\/(my-bucket\.)?aws\.invalid\//)])
  s3.destroy()
})

test('NO_PROXY is honoured', async () => {
  process.env.NO_PROXY = 'aws.invalid,.aws.invalid'
  const s3 = s3Client({ region: 'eu-west-1', maxAttempts: 1 })
  await expect(s3.send(new HeadBucketCommand({ Bucket: 'my-bucket' }))).rejects.toThrow(
    /must not reach .*aws\.invalid/,
  )
  expect(seen).toEqual([])
  s3.destroy()
})
