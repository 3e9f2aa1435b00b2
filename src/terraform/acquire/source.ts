import { ReleaseProblem } from './problem'

/** Where HashiCorp publishes its releases. */
export const DEFAULT_RELEASES_URL = 'https://releases.hashicorp.com'

/** An operating system and a processor in Node's words. */
export interface Platform {
  readonly os: string
  readonly arch: string
}

/** The three files that make up a release for one platform. */
export interface Release {
  readonly version: string
  /** In HashiCorp's words, e.g. `linux_amd64`. */
  readonly platform: string
  readonly archiveName: string
  readonly archiveUrl: string
  readonly sumsUrl: string
  readonly signatureUrl: string
}

const SYSTEMS: Readonly<Record<string, string>> = {
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  openbsd: 'openbsd',
  sunos: 'solaris',
  win32: 'windows',
}

const PROCESSORS: Readonly<Record<string, string>> = { arm: 'arm', arm64: 'arm64', ia32: '386', x64: 'amd64' }

const EXAMPLE =
  'Write the address above terraform/, for example https://artifacts.example.com/hashicorp-releases'

/**
 * The files of one release of Terraform.
 *
 * @param environment its TERRAFORM_RELEASES_URL is the address of a mirror. @default - HashiCorp's own
 * @throws ReleaseProblem for a platform HashiCorp has no Terraform for, and for an address that will not do
 */
export function releaseOf(
  version: string,
  { os, arch }: Platform,
  environment: Readonly<Record<string, string | undefined>>,
): Release {
  const system = SYSTEMS[os]
  const processor = PROCESSORS[arch]
  if (system === undefined || processor === undefined) {
    throw new ReleaseProblem(
      `HashiCorp publishes no Terraform for ${os} on ${arch}`,
      'Install a Terraform that runs here and put it on PATH',
    )
  }
  const platform = `${system}_${processor}`
  const prefix = `${releasesUrl(environment)}/terraform/${version}/terraform_${version}_`
  return {
    version,
    platform,
    archiveName: `terraform_${version}_${platform}.zip`,
    archiveUrl: `${prefix}${platform}.zip`,
    sumsUrl: `${prefix}SHA256SUMS`,
    signatureUrl: `${prefix}SHA256SUMS.sig`,
  }
}

function releasesUrl({
  TERRAFORM_RELEASES_URL: given,
}: Readonly<Record<string, string | undefined>>): string {
  const text = given?.trim() ?? ''
  if (text === '') return DEFAULT_RELEASES_URL
  if (!URL.canParse(text)) throw unfit('is not a URL', EXAMPLE)
  const url = new URL(text)
  // Never shown from here on: what stands before the @ may be a password, a query may hold a token.
  if (url.username !== '' || url.password !== '') {
    throw unfit('has a user name or password in it', 'Use a mirror that can be read without')
  }
  if (url.search !== '' || url.hash !== '') throw unfit('has a query or a fragment', EXAMPLE)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw unfit(`is not https: ${url.protocol}//${url.host}`, EXAMPLE)
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function unfit(what: string, fix: string): ReleaseProblem {
  return new ReleaseProblem(`TERRAFORM_RELEASES_URL ${what}`, fix)
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname)
}
