import type { Observed, Project } from '../decide/observed'
import type { Ties } from '../decide/ties'
import { isShared } from '../decide/store'
import { goingOf } from '../decide/destroy'
import { isDefault } from '../decide/projects'
import type { Run } from './act/context'

/** Looks at what is to be known before anything is taken down; nothing is changed. */
export async function lookAtTies(
  { world, request }: Run,
  observed: Pick<Observed, 'valohai' | 'state' | 'existing'>,
): Promise<Ties> {
  const { user, role, bucket } = goingOf(request, observed)
  const [attachments, contents, defaultOf] = await Promise.all([
    world.aws.findAttachments({ user, role }),
    bucket === undefined ? undefined : world.aws.countContents(bucket),
    projectsOf(world.valohai, observed.valohai),
  ])
  return { attachments, contents, defaultOf }
}

/** A store of one project can be the default of no other. */
async function projectsOf(
  client: Run['world']['valohai'],
  valohai: Observed['valohai'],
): Promise<readonly Project[]> {
  const store = valohai?.store
  if (client === undefined || valohai === undefined || store === undefined) return []
  const projects =
    store.projectId === undefined || isShared(store) ? await client.listProjects() : valohai.projects
  return projects.filter((project) => isDefault(project, store))
}
