import { readFile } from 'node:fs/promises'
import path from 'node:path'
import semver from 'semver'
import type { TerraformConfiguration } from '../../config'
import { isSuitable, OLDEST_TERRAFORM } from './find'
import { codeOf, messageOf } from './problem'

/** The version of Terraform to run with. */
export interface WantedVersion {
  readonly version: string
  /** Where an exact version was asked for, and so another one will not do; `undefined` for our own default. */
  readonly askedFor: string | undefined
}

const FILE = '.terraform-version'

/**
 * The version asked for: by the input, else by a `.terraform-version` in the workspace (tfenv, tenv), else
 * our own default.
 *
 * A `.terraform-version` serves the repository's own Terraform, so one that names no exact version is warned
 * about and not obeyed; one that names a version too old is refused, as it says clearly what is wanted.
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
  const named = firstLine(await readIfThere(file))
  if (named === undefined) return { version, askedFor: undefined }
  const exact = named.replace(/^v(?=\d)/, '')
  if (semver.valid(exact) !== exact) {
    warning(
      `${file} says ${JSON.stringify(named)}, which is not an exact version, so it is ignored: ` +
        `any Terraform from ${OLDEST_TERRAFORM} on PATH will do, else ${version} is installed. ` +
        `Write an exact version into it, or set terraform-version.`,
    )
    return { version, askedFor: undefined }
  }
  if (!isSuitable(exact)) {
    throw new Error(
      `${file} asks for Terraform ${exact}, but ${OLDEST_TERRAFORM} or newer is needed, as it locks the state in S3 by itself. ` +
        `Set terraform-version, for example to ${version}, which comes before that file; or write a newer version into it.`,
    )
  }
  return { version: exact, askedFor: file }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
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
