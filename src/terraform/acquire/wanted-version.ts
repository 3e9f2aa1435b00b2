import path from 'node:path'
import semver from 'semver'
import type { TerraformConfiguration } from '../../config'
import { readRegularFile, UnfitFile } from '../../regular-file'
import { isSuitable, OLDEST_TERRAFORM } from './find'
import { messageOf } from './problem'

/** The version of Terraform to run with. */
export interface WantedVersion {
  readonly version: string
  /** Where an exact version was asked for, and so another one will not do; `undefined` for our own default. */
  readonly askedFor: string | undefined
}

const FILE = '.terraform-version'

/** A version, and what people write about it. */
const MOST_BYTES = 10_000

/**
 * The version asked for: by the input, else by a `.terraform-version` in the workspace (tfenv, tenv), else
 * our own default.
 *
 * A `.terraform-version` serves the repository's own Terraform, so one that names no exact version is warned
 * about and not obeyed; one that names a version too old is refused, as it says clearly what is wanted. It may be
 * of a pull request, so what else it has is never shown.
 *
 * @throws where `.terraform-version` names a version that cannot work
 */
export async function wantedVersion(
  { version, versionIsExplicit }: TerraformConfiguration,
  workspace: string,
  warning: (message: string) => void,
): Promise<WantedVersion> {
  if (versionIsExplicit) return { version, askedFor: 'terraform-version' }
  const file = path.join(workspace, FILE)
  const ignore = (why: string): WantedVersion => {
    warning(
      `${file} is ignored: ${why}. Any Terraform from ${OLDEST_TERRAFORM} on PATH will do, else ${version} is installed. ` +
        'Write an exact version into it, or set terraform-version.',
    )
    return { version, askedFor: undefined }
  }
  const text = await read(file)
  if (text instanceof UnfitFile) return ignore(text.message)
  const named = firstLine(text)
  if (named === undefined) return { version, askedFor: undefined }
  const exact = named.replace(/^v(?=\d)/, '')
  if (semver.valid(exact) !== exact) return ignore('what it says is not an exact version')
  if (!isSuitable(exact)) {
    throw new Error(
      `${file} asks for Terraform ${exact}, but ${OLDEST_TERRAFORM} or newer is needed, as it locks the state in S3 by itself. ` +
        `Set terraform-version, for example to ${version}, which comes before that file; or write a newer version into it.`,
    )
  }
  return { version: exact, askedFor: file }
}

async function read(file: string): Promise<string | UnfitFile> {
  try {
    return (await readRegularFile(file, MOST_BYTES)) ?? ''
  } catch (error) {
    if (error instanceof UnfitFile) return error
    throw new Error(`${file} cannot be read (${messageOf(error)}). Repair it, or set terraform-version.`, {
      cause: error,
    })
  }
}

/** The first line that says anything, without comments. */
function firstLine(text: string): string | undefined {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, '').trim())
    .find((line) => line !== '')
}
