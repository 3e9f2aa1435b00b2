import type { Project, Store } from './observed'

/** `owner/name`, as a person refers to the project. */
export function fullName(project: Project): string {
  return `${project.owner.username}/${project.name}`
}

/**
 * Whether the store is the project's default: by the explicit setting where the API shows it, else by the
 * store in effect. The latter may be inherited, so it does not save the write; see the client's `makeDefault`.
 */
export function isDefault(project: Project, store: Pick<Store, 'id'>): boolean {
  return project.defaultStore.known
    ? project.defaultStore.id === store.id
    : project.uploadStoreId === store.id
}
