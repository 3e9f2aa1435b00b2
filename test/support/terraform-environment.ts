import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
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
  const file = path.join(cache, 'terraform.rc')
  const text = installation(findMirror(), path.join(cache, 'plugins'))
  // Not written again: another test's Terraform may be reading it.
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
  return { TF_CLI_CONFIG_FILE: file }
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

/** What the CLI configuration says of providers: the mirror, else a cache. */
function installation(mirror: string | undefined, plugins: string): string {
  if (mirror !== undefined) {
    return `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`
  }
  mkdirSync(plugins, { recursive: true })
  return `plugin_cache_dir = ${JSON.stringify(plugins)}\nplugin_cache_may_break_dependency_lock_file = true\n`
}
