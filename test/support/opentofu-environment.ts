import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findMirror } from './terraform-environment'

/**
 * The environment that makes OpenTofu take the AWS provider from the mirror that Terraform uses, where there is
 * one; without one it comes from OpenTofu's registry.
 *
 * @param cache directory for the CLI configuration file and the mirror as OpenTofu wants it
 */
export function opentofuEnvironment(cache: string): Record<string, string> {
  const mirror = findMirror()
  if (mirror === undefined) return {}
  const configuration = path.join(cache, 'opentofu.rc')
  const ours = path.join(cache, 'opentofu-mirror')
  linkPackages(
    path.join(mirror, 'registry.terraform.io', 'hashicorp', 'aws'),
    path.join(ours, 'registry.opentofu.org', 'hashicorp', 'aws'),
  )
  writeFileSync(
    configuration,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(ours)}\n  }\n}\n`,
  )
  return { TF_CLI_CONFIG_FILE: configuration }
}

/** OpenTofu has another registry's name in its mirrors, and follows a link only where it is a package's folder. */
function linkPackages(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  const foldersIn = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !entry.isFile())
      .map(({ name }) => name)
  for (const version of foldersIn(from)) {
    mkdirSync(path.join(to, version), { recursive: true })
    for (const platform of foldersIn(path.join(from, version))) {
      symlinkSync(path.join(from, version, platform), path.join(to, version, platform))
    }
  }
}
