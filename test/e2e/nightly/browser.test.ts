import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { s3Client } from '../../support/describe-aws'
import { describeWith } from '../../support/peers'
import { presignUrl, type Key } from '../../support/presigned'
import { presignPost } from '../../support/presigned-post'
import type { Proxy } from '../../support/proxy'
import { startS3Front } from '../../support/s3-front'
import { startSite, type Site } from '../../support/site'
import { openStory, type Story } from '../story'

const BUCKET = 'acme-browser'

// What a page may do with the bucket, with the CORS rules that a run made (guide, step 3).
describeWith('chromium', (chromium) => {
  let story: Story
  let s3: Proxy
  /** The installation: its origin is the one that may upload. */
  let valohai: Site
  let elsewhere: Site

  beforeAll(async () => {
    story = await openStory(BUCKET)
    s3 = await startS3Front(story.sandbox.emulator)
    valohai = await startSite(story.sandbox.valohai.url)
    elsewhere = await startSite(story.sandbox.valohai.url)
    await story.run({ 'valohai-url': valohai.url })
  })

  afterAll(async () => {
    await valohai.close()
    await elsewhere.close()
    await s3.close()
    await story.sandbox.close()
  })

  /** What Valohai signs with. */
  const storesKey = (): Key => {
    const { access_key_id: accessKeyId, secret_access_key: secretAccessKey } = story.onlyStore().configuration
    return { accessKeyId: String(accessKeyId), secretAccessKey: String(secretAccessKey) }
  }

  const client = () => s3Client(story.sandbox.emulator)

  /** Uploads a file as a web app does that shows how far it is, for which a browser asks first. */
  const upload = (site: Site, key: string): Promise<unknown> => {
    const fields = presignPost(storesKey(), { bucket: BUCKET, key, region: 'eu-west-1' })
    return site.visit(
      chromium,
      `const form = new FormData()
      for (const [name, value] of Object.entries(${JSON.stringify(fields)})) form.append(name, value)
      form.append('file', new Blob(['from a browser']), 'a.txt')
      const request = new XMLHttpRequest()
      request.upload.onprogress = () => {}
      request.open('POST', '${s3.url}/${BUCKET}')
      return new Promise((resolve) => {
        request.onload = () => resolve(request.status)
        request.onerror = () => resolve('refused')
        request.send(form)
      })`,
    )
  }

  test('a page of the installation uploads a file by a presigned POST', async () => {
    expect(await upload(valohai, 'of-valohai.txt')).toBe(204)
    const { Body } = await client().send(new GetObjectCommand({ Bucket: BUCKET, Key: 'of-valohai.txt' }))
    expect(await Body?.transformToString()).toBe('from a browser')
  })

  test('a page of another origin is refused, and nothing is uploaded', async () => {
    expect(await upload(elsewhere, 'of-another.txt')).toBe('refused')
    const { Contents = [] } = await client().send(new ListObjectsV2Command({ Bucket: BUCKET }))
    expect(Contents.map(({ Key }) => Key)).not.toContain('of-another.txt')
  })

  test('a page of any origin reads a file by a presigned URL', async () => {
    const object = { Bucket: BUCKET, Key: 'to-read.txt' }
    await client().send(new PutObjectCommand({ ...object, Body: 'an output' }))
    const url = await presignUrl(storesKey(), 'GET', new URL(`/${BUCKET}/${object.Key}`, s3.url))
    for (const site of [valohai, elsewhere]) {
      const read = site.visit(chromium, `return (await fetch(${JSON.stringify(url)})).text()`)
      expect(await read).toBe('an output')
    }
  })
})
