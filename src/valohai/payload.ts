import type { Project, Store } from '../decide/observed'
import type { DesiredStore } from '../decide/store'

/** Body of `POST stores/`. The owner is left out: the API takes it from the project. */
export function createBody(project: Project, desired: DesiredStore, secret: string): object {
  return {
    name: desired.name,
    type: 's3',
    access_mode: 'single_project',
    project: project.id,
    allow_read: true,
    allow_write: true,
    configuration: configuration(desired, secret),
  }
}

/**
 * Body of `PATCH stores/{id}/`. The configuration is whole and our own: one that was read has its secrets
 * missing or masked, and sending it back would store the mask.
 */
export function patchBody(existing: Store, desired: DesiredStore, secret: string): object {
  return {
    name: desired.name,
    configuration: { ...existing.options, ...emptied(existing, desired), ...configuration(desired, secret) },
  }
}

/** Body of `PUT stores/{id}/`: as when it is created, but who may use the store stays as people set it. */
export function putBody(project: Project, existing: Store, desired: DesiredStore, secret: string): object {
  return {
    ...createBody(project, desired, secret),
    ...existing.access,
    configuration: { ...existing.options, ...emptied(existing, desired), ...configuration(desired, secret) },
  }
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
