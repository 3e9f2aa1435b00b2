import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { configuration, connect, desired, KEY_ID, SECRET, stopAll } from './helpers'

afterEach(stopAll)

/** A place that takes writes of one access key only, and notes what came. */
async function startBucket(accepts: string): Promise<{ url: string; requests: string[]; close(): void }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const known = request.headers.authorization?.includes(`Credential=${accepts}/`)
    requests.push(`${request.method} ${known ? 'accepted' : 'refused'}`)
    request.resume()
    request.on('end', () => {
      response.writeHead(known ? (request.method === 'DELETE' ? 204 : 200) : 403, {
        'content-type': 'application/xml',
      })
      response.end(known ? '' : '<Error><Code>InvalidAccessKeyId</Code><Message>no</Message></Error>')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    requests,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

it('really checks credentials in the bucket, as Valohai does', async () => {
  const bucket = await startBucket(KEY_ID)
  try {
    const { client, project, standIn } = await connect({ s3Endpoint: bucket.url })
    const keyMadeAt = new Date(0)
    const wrong = { ...desired, accessKeyId: 'AKIAWRONG' }
    await expect(client.saveStore(project, undefined, wrong, SECRET, { keyMadeAt })).rejects.toThrow(
      /configuration: Could not write a test file .* InvalidAccessKeyId \(invalid_credentials\)/,
    )
    expect(standIn.state.stores).toEqual([])
    await client.saveStore(project, undefined, desired, SECRET, { keyMadeAt })
    expect(bucket.requests).toEqual(['PUT refused', 'PUT accepted', 'DELETE accepted'])
    const [saved] = await client.listStores([project])
    await client.changeStore(saved!, { name: 'new' })
    expect(bucket.requests).toHaveLength(3)
  } finally {
    bucket.close()
  }
})

it.each<[string, string, string | undefined, number, RegExp]>([
  ['GET', '/nowhere/', undefined, 404, /<h1>/],
  ['GET', '/api/v0/stores/none/', undefined, 404, /Not found/],
  ['DELETE', '/api/v0/stores/ours/', undefined, 204, /^$/],
  ['DELETE', '/api/v0/stores/', undefined, 405, /not allowed/],
  ['POST', '/api/v0/stores/', '{}', 400, /"name":\[\{"message":"This field is required/],
  ['PUT', '/api/v0/projects/0185c0de-0000-4000-8000-000000000001/', '{}', 400, /name/],
])('answers %s %s as the API would', async (method, path, body, status, text) => {
  const { standIn } = await connect({ stores: [{ id: 'ours', configuration }] })
  const response = await fetch(`${standIn.url}${path}`, {
    method,
    headers: { authorization: `Token ${standIn.token}` },
    ...(body === undefined ? {} : { body }),
  })
  expect(response.status).toBe(status)
  expect(await response.text()).toMatch(text)
})
