import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

const PROVIDER = path.join('registry.terraform.io', 'hashicorp', 'aws')

/** Where software is usually put; each of them and each directory in them may be a provider mirror. */
const USUAL_PLACES = [
  path.join(homedir(), '.terraform.d', 'plugins'),
  '/usr/local/share/terraform/plugins',
  '/usr/share/terraform/plugins',
  '/opt',
  '/usr/local',
  '/usr/local/lib',
  '/usr/local/share',
  '/usr/lib',
  '/usr/share',
  '/srv',
]

/**
 * The environment that makes Terraform take the AWS provider from a filesystem mirror on this machine, where
 * there is one. Without one it comes from Terraform's registry, once, into a cache.
 *
 * @param cache directory for the CLI configuration file and the provider's cache
 */
export function terraformEnvironment(cache: string): Record<string, string> {
  mkdirSync(cache, { recursive: true })
  const mirror = findMirror()
  const configuration = path.join(cache, 'terraform.rc')
  if (mirror !== undefined) {
    writeFileSync(
      configuration,
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
    )
  } else {
    const plugins = path.join(cache, 'plugins')
    mkdirSync(plugins, { recursive: true })
    writeFileSync(
      configuration,
      `plugin_cache_dir = ${JSON.stringify(plugins)}\nplugin_cache_may_break_dependency_lock_file = true\n`,
    )
  }
  return { TF_CLI_CONFIG_FILE: configuration }
}

/** The directory of a filesystem mirror that has the AWS provider. */
export function findMirror(): string | undefined {
  return USUAL_PLACES.flatMap((place) => [place, ...subdirectories(place)]).find((directory) =>
    existsSync(path.join(directory, PROVIDER)),
  )
}

function subdirectories(place: string): string[] {
  try {
    return readdirSync(place, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(place, entry.name))
  } catch {
    return []
  }
}
