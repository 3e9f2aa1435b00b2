import { createHmac } from 'node:crypto'
import type { Key } from './presigned'

/**
 * Signs the form by which a browser uploads an object, as Valohai's web app is given it (AWS: "Creating a POST
 * policy", with Signature Version 4).
 *
 * @returns the fields of the form, before the file
 */
export function presignPost(
  { accessKeyId, secretAccessKey }: Key,
  { bucket, key, region }: { readonly bucket: string; readonly key: string; readonly region: string },
): Record<string, string> {
  const now = Date.now()
  const date = `${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const scope = [date.slice(0, 8), region, 's3', 'aws4_request']
  const fields = {
    key,
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': [accessKeyId, ...scope].join('/'),
    'x-amz-date': date,
  }
  const conditions = [{ bucket }, ...Object.entries(fields).map(([name, value]) => ({ [name]: value }))]
  const policy = JSON.stringify({ expiration: new Date(now + 3_600_000).toISOString(), conditions })
  const encoded = Buffer.from(policy).toString('base64')
  const sign = (secret: string | Buffer, text: string): Buffer =>
    createHmac('sha256', secret).update(text).digest()
  const signingKey = scope.reduce<string | Buffer>(sign, `AWS4${secretAccessKey}`)
  return { ...fields, policy: encoded, 'x-amz-signature': sign(signingKey, encoded).toString('hex') }
}
