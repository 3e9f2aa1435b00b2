import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts'
import { state as sdkState } from '@aws-sdk/core/client'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

// Told already, for the SDK: which Node its later versions will need is eight lines in the log of every run, and
// nothing that the person who reads it can do anything about. The environment, where the SDK has a switch for it,
// is Terraform's too.
sdkState.warningEmitted = true

/** Milliseconds; the SDK itself would wait for ever. */
const CONNECTION_TIMEOUT = 10_000
const REQUEST_TIMEOUT = 60_000

/**
 * How the AWS SDK reaches AWS: with limits, and through the proxy that the environment names (`HTTPS_PROXY`,
 * `NO_PROXY`), as Terraform and the Valohai client do. Node 24.5, which Actions run on, has proxies built in;
 * an older one ignores the setting.
 *
 * The environment is read here, as the SDK reads its credentials and endpoints there by itself.
 */
function requestHandler() {
  const proxyEnv = process.env
  return {
    httpAgent: new HttpAgent({ keepAlive: true, proxyEnv }),
    httpsAgent: new HttpsAgent({ keepAlive: true, proxyEnv }),
    connectionTimeout: CONNECTION_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
  }
}

/** A client of S3. To be destroyed after use. */
export function s3Client(config: S3ClientConfig & { region: string }): S3Client {
  return new S3Client({ ...config, requestHandler: requestHandler() })
}

/** A client of STS. To be destroyed after use. */
export function stsClient(config: STSClientConfig & { region: string }): STSClient {
  return new STSClient({ ...config, requestHandler: requestHandler() })
}

/** A client of IAM. To be destroyed after use. */
export function iamClient(config: IAMClientConfig & { region: string }): IAMClient {
  return new IAMClient({ ...config, requestHandler: requestHandler() })
}
