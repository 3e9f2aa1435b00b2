import type { Project } from '../decide/observed'
import { fullName } from '../decide/projects'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a reference to a project is its UUID and not `owner/name`. */
export function isUuid(reference: string): boolean {
  return UUID.test(reference)
}

/** The projects that `reference`, an `owner/name`, names exactly; one of each id. */
export function matchingProjects(projects: readonly Project[], reference: string): Project[] {
  const matches = projects.filter((project) => fullName(project) === reference)
  return [...new Map(matches.map((project) => [project.id, project])).values()]
}

/**
 * What to tell where no project has that name: those of the same name under another owner or in another
 * case, if there are any, and the likely cause. `user` is the token's.
 */
export function notFoundMessage(projects: readonly Project[], reference: string, user: string): string {
  const wanted = reference.toLowerCase()
  const name = wanted.slice(wanted.indexOf('/') + 1)
  const near = projects
    .filter((project) => fullName(project).toLowerCase() === wanted || project.name.toLowerCase() === name)
    .map(fullName)
  const hint = near.length > 0 ? ` Did you mean ${[...new Set(near)].slice(0, 5).join(' or ')}?` : ''
  return (
    `The project ${reference} does not exist, or the token's user (${user}) has no access to it; ` +
    `the token sees ${projects.length} ${projects.length === 1 ? 'project' : 'projects'}.${hint} ` +
    'Check `valohai-project`, or give the user access to the project'
  )
}

/** Fields that follow from the setting, or move by themselves while a project is in use. */
const MOVING = /^(default_store|upload_store)|^mtime$|^last_|_(count|time|ctime|mtime)$/

/**
 * The names of the fields in which two answers of `GET projects/{id}/` differ, besides the default store
 * and what follows from it. Names only: a project's environment variables are among the values.
 */
export function otherChanges(before: unknown, after: unknown): string[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (field) => !MOVING.test(field) && canonical(was[field]) !== canonical(is[field]),
  )
}

function fieldsOf(answer: unknown): Record<string, unknown> {
  return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {}
}

/** JSON with sorted keys: their order means nothing. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}
