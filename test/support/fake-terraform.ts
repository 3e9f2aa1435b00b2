import { isDeepStrictEqual } from 'node:util'
import type { PlannedChange } from '../../src/decide/plan'
import type { Terraform } from '../../src/terraform/client'
import {
  ACCOUNT,
  BUCKET,
  createKey,
  deleteKey,
  emptyState,
  removeThing,
  works,
  type Cloud,
  type FakeState,
} from './fake-cloud'
import type { Operation } from './fake-world'

const arn = (kind: 'user' | 'role', name: string): string => `arn:aws:iam::${ACCOUNT.id}:${kind}/${name}`

/** A state as Terraform writes it; empty where nothing was ever applied. */
export function stateText(cloud: Cloud, stateKey: string): string {
  const state = cloud.states.get(stateKey)
  if (state === undefined) return ''
  const resource = (type: string, name: string, instances: object[]): object => ({
    mode: 'managed',
    type,
    name,
    provider: 'provider["registry.terraform.io/hashicorp/aws"]',
    instances,
  })
  const one = (attributes: object): object[] => [{ schema_version: 0, attributes }]
  const keys = [...state.keys].map(([generation, { id, created, pgpKey, secret }]) => ({
    index_key: generation,
    attributes: {
      id,
      create_date: created.toISOString(),
      // The user id of a run's own keys stands in them in plain.
      pgp_key: pgpKey === undefined ? null : Buffer.from(`valohai-s3-action ${pgpKey}`).toString('base64'),
      encrypted_secret: pgpKey === undefined ? null : `for ${pgpKey}: ${secret}`,
      secret: pgpKey === undefined ? secret : null,
    },
  }))
  return JSON.stringify({
    version: 4,
    outputs: state.user === undefined ? {} : { bucket: { value: BUCKET } },
    resources: [
      ...(state.bucket
        ? [
            resource(
              'aws_s3_bucket',
              'store',
              one({ bucket: BUCKET, arn: `arn:aws:s3:::${BUCKET}`, region: 'eu-west-1' }),
            ),
          ]
        : []),
      ...(state.user === undefined
        ? []
        : [resource('aws_iam_user', 'store', one({ name: state.user, arn: arn('user', state.user) }))]),
      ...(state.role === undefined
        ? []
        : [resource('aws_iam_role', 'multipart', one({ name: state.role, arn: arn('role', state.role) }))]),
      ...(keys.length === 0 ? [] : [resource('aws_iam_access_key', 'store', keys)]),
    ],
  })
}

interface Change extends PlannedChange {
  readonly apply: (state: FakeState) => void
}

/** Terraform over the cloud in memory: it plans from the files that a run wrote, and refreshes the state. */
export function fakeTerraform({
  cloud,
  files,
  stateKey,
  operation,
  isDead,
}: {
  cloud: Cloud
  files: ReadonlyMap<string, string>
  stateKey: string
  operation: Operation
  /** Whether the process was killed. */
  isDead: () => boolean
}): Terraform {
  let saved: Change[] | undefined
  const text = (): string => [...files.values()].join('\n')
  // Without the state bucket there is no state to read.
  const hasState = (): boolean => !text().includes('backend "local"')
  const stored = (): FakeState => (hasState() ? cloud.states.get(stateKey) : undefined) ?? emptyState()
  const current = (): FakeState => {
    const state = stored()
    const inIam = [...state.keys].filter(([, { id }]) => cloud.keys.has(id))
    return {
      bucket: state.bucket && cloud.bucket,
      user: cloud.users.has(state.user ?? '') ? state.user : undefined,
      role: cloud.roles.has(state.role ?? '') ? state.role : undefined,
      keys: new Map(inIam),
    }
  }

  /** Of a configuration without resources: all goes, besides what `removed` blocks say. */
  function teardown(state: FakeState): Change[] {
    const gone = (
      address: string,
      action: 'delete' | 'forget',
      isThere: boolean,
      apply: Change['apply'],
    ): Change[] => (isThere ? [{ address, type: address.split('.')[0] ?? '', action, apply }] : [])
    const isForgotten = text().includes('from = aws_s3_bucket.store')
    return [
      ...[...state.keys].flatMap(([one, { id }]) =>
        gone(`aws_iam_access_key.store["${one}"]`, 'delete', true, (kept) => {
          deleteKey(cloud, id)
          kept.keys.delete(one)
        }),
      ),
      ...gone('aws_iam_role.multipart', 'delete', state.role !== undefined, (kept) => {
        const name = kept.role ?? ''
        removeRole(kept)
        removeThing(cloud, 'role', name)
      }),
      ...gone('aws_iam_user.store', 'delete', state.user !== undefined, (kept) => {
        removeThing(cloud, 'user', kept.user ?? '')
        kept.user = undefined
      }),
      ...gone('aws_s3_bucket.store', isForgotten ? 'forget' : 'delete', state.bucket, (kept) => {
        if (!isForgotten) removeThing(cloud, 'bucket', BUCKET)
        kept.bucket = false
      }),
    ]
  }

  const isTeardown = (): boolean => !text().includes('resource "aws_iam_user"')
  /** What the state holds has outputs, which a configuration without any takes away. */
  const losesOutputs = (): boolean => isTeardown() && !isDeepStrictEqual(stored(), emptyState())

  function changes(): Change[] {
    const state = current()
    if (isTeardown()) return teardown(state)
    const values = JSON.parse(files.get('terraform.tfvars.json') ?? '{}') as {
      access_key_generations: string[]
      pgp_key: string
      iam_user_name?: string | null
      multipart_role_name?: string | null
    }
    const { access_key_generations: generations, pgp_key: pgpKey } = values
    const userName = values.iam_user_name ?? `valohai-${BUCKET}`
    const roleName = values.multipart_role_name ?? `valohai-${BUCKET}-multipart`
    const wantsRole = text().includes('"aws_iam_role"')
    const imports = new Set([...text().matchAll(/^import \{\s+to = (\S+)/gm)].map(([, to]) => to))
    const importedKey = (generation: string): string | undefined =>
      new RegExp(`store\\["${generation}"\\]\\s+id = "([^"]+)"`).exec(text())?.[1]
    const change = (address: string, action: 'create' | 'delete', apply: Change['apply']): Change => ({
      address,
      type: address.split('.')[0] ?? '',
      action: action === 'create' && imports.has(address) ? 'import' : action,
      apply,
    })
    /** Something that is made, or taken over where an import block says so. */
    const resource = (
      address: string,
      what: string,
      exists: () => boolean,
      take: Change['apply'],
      make: () => void,
    ): Change =>
      change(address, 'create', (kept) => {
        if (imports.has(address) !== exists())
          throw new Error(exists() ? `EntityAlreadyExists: ${what}` : `${what} does not exist`)
        if (!exists()) {
          make()
          cloud.tags.set(what, `s3://${BUCKET}-tfstate/${stateKey}`)
        }
        take(kept)
      })
    const makeKey = (generation: string): Change['apply'] => {
      return (kept) => {
        const id = importedKey(generation)
        const taken = id === undefined ? undefined : cloud.keys.get(id)
        const { created, secret, ...key } = taken ?? createKey(cloud, userName)
        kept.keys.set(generation, { id: key.id, created, secret, pgpKey })
      }
    }
    return [
      ...(state.bucket || !text().includes('"aws_s3_bucket"')
        ? []
        : [
            resource(
              'aws_s3_bucket.store',
              'bucket',
              () => cloud.bucket,
              (kept) => (kept.bucket = true),
              () => (cloud.bucket = true),
            ),
          ]),
      ...(state.user !== undefined
        ? []
        : [
            resource(
              'aws_iam_user.store',
              `user ${userName}`,
              () => cloud.users.has(userName),
              (kept) => (kept.user = userName),
              () => cloud.users.add(userName),
            ),
          ]),
      ...(wantsRole && state.role === undefined
        ? [
            resource(
              'aws_iam_role.multipart',
              `role ${roleName}`,
              () => cloud.roles.has(roleName),
              (kept) => (kept.role = roleName),
              () => cloud.roles.add(roleName),
            ),
          ]
        : []),
      ...(!wantsRole && state.role !== undefined
        ? [change('aws_iam_role.multipart', 'delete', (kept) => removeRole(kept))]
        : []),
      ...generations
        .filter((one) => !state.keys.has(one))
        .map((one) => change(`aws_iam_access_key.store["${one}"]`, 'create', makeKey(one))),
      ...[...state.keys]
        .filter(([one]) => !generations.includes(one))
        .map(([one, { id }]) =>
          change(`aws_iam_access_key.store["${one}"]`, 'delete', (kept) => {
            deleteKey(cloud, id)
            kept.keys.delete(one)
          }),
        ),
    ]
  }

  function removeRole(kept: FakeState): void {
    const name = kept.role ?? ''
    for (const store of cloud.stores.values()) {
      if (!store.deleted && works(cloud, store) && store.multipartRoleArn === arn('role', name))
        cloud.broken.push(`the role ${name} was removed while ${store.id} named it`)
    }
    cloud.roles.delete(name)
    kept.role = undefined
  }

  return {
    init: () => operation('terraform.init', () => undefined),
    changedValues: () => Promise.resolve([]),
    show: () => operation('terraform.show', () => 'Terraform will perform the following actions: …'),
    forceUnlock: (id) => operation(`terraform.forceUnlock ${id}`, () => undefined),
    pull: () => operation('terraform.pull', () => stateText(cloud, stateKey)),
    plan: ({ lock, targets }) =>
      operation(
        `terraform.plan${lock ? '' : ' -lock=false'}${targets === undefined ? '' : ` ${targets.join(' ')}`}`,
        () => {
          saved = changes().filter(({ address }) => targets === undefined || targets.includes(address))
          const shown = [...cloud.drift, ...saved].map(({ address, type, action }) => ({
            address,
            type,
            action,
          }))
          return {
            hasChanges: shown.length > 0 || losesOutputs(),
            toAdd: saved.filter(({ action }) => action === 'create').length,
            toChange: 0,
            toDestroy: saved.filter(({ action }) => action === 'delete').length,
            changes: shown,
          }
        },
      ),
    apply: async (onMade) => {
      await operation('terraform.apply', () => undefined)
      if (saved === undefined) throw new Error('There is no saved plan.')
      const kept = current()
      try {
        for (const { address, action, apply } of saved) {
          await operation(`${action} ${address}`, () => apply(kept))
          if (action === 'create') onMade(address)
        }
      } finally {
        // Terraform saves what it has done when it fails, and nothing where it was killed.
        if (!isDead()) cloud.states.set(stateKey, kept)
      }
      saved = undefined
    },
  }
}
