import type { Project, Store } from '../decide/observed'
import { isShared, type DesiredStore } from '../decide/store'

/** A store that all projects of one owner may use; such a one belongs to no project. */
export function sharedAccess(owner: number): object {
  return { access_mode: 'owner_organization', owner, project: null, teams: [] }
}

/** Body of `POST stores/`. The owner of a project's store is left out: the API takes it from the project. */
export function createBody(project: Project, desired: DesiredStore, secret: string): Record<string, unknown> {
  return {
    name: desired.name,
    type: 's3',
    ...(desired.access === 'organization'
      ? sharedAccess(project.owner.id)
      : { access_mode: 'single_project', project: project.id }),
    allow_read: true,
    allow_write: true,
    configuration: configuration(desired, secret),
  }
}

/**
 * Body of `PATCH stores/{id}/`. The configuration is whole and our own: one that was read has its secrets
 * missing or masked, and sending it back would store the mask.
 */
export function patchBody(project: Project, existing: Store, desired: DesiredStore, secret: string): object {
  return {
    name: desired.name,
    ...widened(project, existing, desired),
    configuration: { ...existing.options, ...emptied(existing, desired), ...configuration(desired, secret) },
  }
}

/** Body of `PUT stores/{id}/`: as when it is created, but who may use the store stays as people set it. */
export function putBody(project: Project, existing: Store, desired: DesiredStore, secret: string): object {
  return {
    name: desired.name,
    type: 's3',
    ...ownerOf(existing),
    ...existing.access,
    ...widened(project, existing, desired),
    configuration: { ...existing.options, ...emptied(existing, desired), ...configuration(desired, secret) },
  }
}

/** A store belongs to a project; or to an owner, where it is shared. Each excludes the other. */
function ownerOf({ projectId, ownerId }: Store): object {
  if (projectId !== undefined) return { project: projectId }
  return ownerId === undefined ? {} : { owner: Number(ownerId) }
}

/** A store is shared where that is asked for, and never narrowed. */
function widened(project: Project, existing: Store, { access }: DesiredStore): object {
  return access === 'organization' && !isShared(existing) ? sharedAccess(project.owner.id) : {}
}

function configuration(desired: DesiredStore, secret: string): Record<string, string> {
  return {
    bucket: desired.bucket,
    region: desired.region,
    access_key_id: desired.accessKeyId,
    secret_access_key: secret,
    ...(desired.multipartRoleArn === undefined
      ? {}
      : { multipart_upload_iam_role: desired.multipartRoleArn }),
    ...(desired.kmsKeyArn === undefined ? {} : { kms_key_arn: desired.kmsKeyArn }),
  }
}

/** What the store has and must lose is said, in case the API merges configurations instead of replacing them. */
function emptied(existing: Store, desired: DesiredStore): Record<string, string> {
  return {
    ...(existing.multipartRoleArn && desired.multipartRoleArn === undefined
      ? { multipart_upload_iam_role: '' }
      : {}),
    ...(existing.kmsKeyArn && desired.kmsKeyArn === undefined ? { kms_key_arn: '' } : {}),
  }
}
