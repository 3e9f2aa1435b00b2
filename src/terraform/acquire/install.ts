import { megabytes } from '../../http'
import { probe, type TerraformProgram } from './find'
import { HASHICORP_RELEASE_KEY } from './hashicorp-key'
import { cacheEntry, keep, programName } from './cache'
import { download, type DownloadOptions } from './download'
import { messageOf, ReleaseProblem } from './problem'
import { type Platform, releaseOf } from './source'
import { unzip } from './unzip'
import { type ReleaseKey, verifyArchive, verifySums } from './verify'

/** What an installation takes from outside. */
export interface InstallOptions extends DownloadOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The runner's tool cache, or a directory for the same purpose; created where it is missing. */
  readonly cacheDirectory: string
  /** A tool cache that cannot be written: what it has is used all the same. @default - none */
  readonly readOnlyCache?: string | undefined
  /** @default - this machine's */
  readonly platform?: Platform
  /** Whose signature counts. @default - HashiCorp's */
  readonly releaseKey?: ReleaseKey
}

/**
 * Terraform of one version: from the tool cache, else downloaded, verified and put there. The archive is held
 * in memory from the first byte to the check of its sum and on to its unpacking: what was verified is what is
 * installed, and there is no half of a download to be left anywhere.
 *
 * @throws where that is impossible, telling why and what to do; the cache is then as it was
 */
export async function installTerraform(version: string, options: InstallOptions): Promise<TerraformProgram> {
  const platform = options.platform ?? { os: process.platform, arch: process.arch }
  const { environment, info, cacheDirectory } = options
  const entry = cacheEntry(cacheDirectory, version, platform)
  const works = (program: string): Promise<void> => mustRun(program, version, environment)
  for (const directory of new Set([options.readOnlyCache ?? cacheDirectory, cacheDirectory])) {
    const { program } = cacheEntry(directory, version, platform)
    try {
      await works(program)
      info(`Terraform ${version}: ${program}, from the tool cache`)
      return { path: program, version }
    } catch {
      // Missing, or not fit to run: an installation repairs both.
    }
  }
  try {
    const archive = await fetchVerified(version, platform, options)
    options.signal?.throwIfAborted()
    await keep(entry, await unzip(archive, programName(platform.os)), works)
  } catch (cause) {
    options.signal?.throwIfAborted()
    throw explain(version, cause)
  }
  info(`Terraform ${version}: ${entry.program}, signature and SHA-256 verified`)
  return { path: entry.program, version }
}

async function fetchVerified(version: string, platform: Platform, options: InstallOptions): Promise<Buffer> {
  const release = releaseOf(version, platform, options.environment)
  options.info(`Terraform ${version} is downloaded: ${release.archiveUrl}`)
  const started = Date.now()
  const sums = await download(release.sumsUrl, options)
  const signature = await download(release.signatureUrl, options)
  await verifySums(sums, signature, release, options.releaseKey ?? HASHICORP_RELEASE_KEY)
  const archive = await download(release.archiveUrl, options)
  options.info(
    `${release.archiveName}: ${megabytes(archive.length)} in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  )
  verifyArchive(archive, sums, release)
  return archive
}

async function mustRun(
  program: string,
  version: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const fix = 'Put a Terraform that runs here on PATH, or add a step with hashicorp/setup-terraform'
  const actual = await probe(program, environment).catch((cause: unknown) => {
    throw new ReleaseProblem(`the program in it does not run on this machine (${messageOf(cause)})`, fix, {
      cause,
    })
  })
  if (actual !== version) throw new ReleaseProblem(`the program in it says that it is ${actual}`, fix)
}

function explain(version: string, cause: unknown): Error {
  const fix = cause instanceof ReleaseProblem ? ` ${cause.fix}.` : ''
  return new Error(
    `Terraform ${version} could not be installed: ${messageOf(cause)}. Nothing was installed.${fix}`,
    {
      cause,
    },
  )
}
