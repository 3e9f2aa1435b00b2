import type { Request } from '../../src/config'
import { RunFailed } from '../../src/reporting/failure'
import { outputsOf as actionOutputs, type Outcome } from '../../src/decide/outcome'
import { run } from '../../src/run/run'
import { emptyCloud, fakeWorld, requestOf, ROLE_ARN, type Cloud, type FakeWorld } from '../support/fake-world'

let cloud: Cloud

beforeEach(() => {
  cloud = emptyCloud()
})

afterEach(() => {
  expect(cloud.broken).toEqual([])
  expect(cloud.locked).toBe(false)
})

/** One run to its end. */
async function runOnce(
  request: Request = requestOf(),
  options: Parameters<typeof fakeWorld>[1] = {},
): Promise<{ world: FakeWorld; outcome: Outcome }> {
  const world = fakeWorld(cloud, options)
  return { world, outcome: await run(request, world) }
}

/** One run that fails. */
async function failOnce(
  request: Request = requestOf(),
  options: Parameters<typeof fakeWorld>[1] = {},
): Promise<{ world: FakeWorld; error: RunFailed }> {
  const world = fakeWorld(cloud, options)
  const error: unknown = await run(request, world).then(
    () => new Error('The run was expected to fail.'),
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(RunFailed)
  return { world, error: error as RunFailed }
}

/** Where an operation comes in the next run. */
async function placeOf(name: string): Promise<number> {
  const rehearsal = fakeWorld(structuredClone(cloud))
  await run(requestOf(), rehearsal)
  return rehearsal.log.findIndex((one) => one.startsWith(name))
}

const onlyStore = (): ReturnType<Cloud['stores']['get']> => {
  expect(cloud.stores.size).toBe(1)
  return [...cloud.stores.values()][0]
}

/** What every run is to end in: one bucket, one key, one store with that key, made the default. */
function expectLinked(): void {
  expect(cloud).toMatchObject({ stateBucket: true, bucket: true, user: true, role: true })
  expect(cloud.keys.size).toBe(1)
  const [key] = [...cloud.keys.values()]
  expect(onlyStore()).toMatchObject({
    bucket: 'my-bucket',
    region: 'eu-west-1',
    accessKeyId: key?.id,
    secret: key?.secret,
    multipartRoleArn: ROLE_ARN,
  })
  expect(cloud.defaultStoreId).toBe(onlyStore()?.id)
}

describe('the first apply', () => {
  it('goes its way in order', async () => {
    const { world, outcome } = await runOnce()
    const { id, secret } = [...cloud.keys.values()][0]!
    expect(world.log).toEqual([
      'valohai.findProject',
      'valohai.findStore',
      'aws.findAccount',
      'openTerraform',
      'aws.ensureStateBucket',
      'aws.takeRunLock my-bucket-tfstate/valohai-s3/my-bucket.tfstate.run-lock',
      'terraform.init',
      'state.init',
      'valohai.findProject',
      'valohai.findStore',
      'state.outputs',
      'terraform.plan',
      'terraform.apply',
      'create aws_s3_bucket.store',
      'create aws_iam_user.store',
      'create aws_iam_role.multipart',
      'create aws_iam_access_key.store["1"]',
      'state.outputs',
      `mask ${secret}`,
      `aws.proveCredentials ${id} ${secret}`,
      `valohai.saveStore ${id} ${secret}`,
      'valohai.makeDefault',
      'release the lock',
    ])
    expectLinked()
    expect(outcome).toMatchObject({
      command: 'apply',
      changes: true,
      aws: { toAdd: 4, toDestroy: 0, accessKeyId: id, multipartRoleArn: ROLE_ARN },
      valohai: {
        project: 'acme/churn-model',
        storeId: 'store-1',
        action: 'created',
        newKey: true,
        defaultStore: { before: undefined, changes: true, isThisStore: true },
      },
    })
  })

  it('hands Terraform the public half of a fresh key pair', async () => {
    const { world } = await runOnce()
    expect(JSON.parse(world.files.get('terraform.tfvars.json') ?? '')).toEqual({
      bucket_name: 'my-bucket',
      access_key_generations: ['1'],
      pgp_key: 'public-key-1',
    })
    expect(world.files.get('backend.tf')).toContain('backend "s3"')
  })

  it('writes no secret anywhere but into the store', async () => {
    const request = requestOf()
    const { world, outcome } = await runOnce(request)
    const secret = onlyStore()!.secret
    const everything = JSON.stringify([
      [...world.files],
      world.told,
      world.warned,
      world.steps,
      outcome,
      actionOutputs(outcome, request),
    ])
    expect(everything).not.toContain(secret)
    expect(everything).not.toContain('the-token')
  })

  it('leaves the default alone where it is told to', async () => {
    cloud.defaultStoreId = 'another-store'
    const { world, outcome } = await runOnce(requestOf({}, { setDefault: false }))
    expect(world.log).not.toContain('valohai.makeDefault')
    expect(cloud.defaultStoreId).toBe('another-store')
    expect(outcome.valohai?.defaultStore).toEqual({
      before: 'another-store',
      changes: false,
      isThisStore: false,
    })
  })

  it('makes no role and gives the store none where multipart is off', async () => {
    await runOnce(requestOf({}, { multipart: false }))
    expect(cloud.role).toBe(false)
    expect(onlyStore()?.multipartRoleArn).toBe('')
  })

  it('makes no state bucket for another backend', async () => {
    const { terraform } = requestOf()
    const backend = { type: 'gcs', settings: { bucket: 'theirs' } } as const
    const { world } = await runOnce(requestOf({ terraform: { ...terraform, backend } }))
    expect(world.log.filter((name) => /StateBucket|RunLock/.test(name))).toEqual([])
    expect(world.files.get('backend.tf')).toContain('backend "gcs"')
  })
})

describe('a further apply', () => {
  beforeEach(async () => {
    await runOnce()
  })

  const keyIds = (): string[] => [...cloud.keys.values()].map(({ id }) => id)

  it('changes nothing where nothing is to change, and says so', async () => {
    const before = structuredClone({ ...cloud, envelopes: 0 })
    const { world, outcome } = await runOnce()
    expect({ ...cloud, envelopes: 0 }).toEqual(before)
    expect(world.log.filter((name) => /apply|save|rename|prove|mask/.test(name))).toEqual([])
    expect(world.told).toContain('No changes')
    expect(outcome).toMatchObject({
      changes: false,
      aws: { toAdd: 0, toChange: 0, toDestroy: 0, changes: [], accessKeyId: keyIds()[0] },
      valohai: { action: 'unchanged', newKey: false, defaultStore: { changes: false, isThisStore: true } },
    })
  })

  it('renames the store without a new key', async () => {
    const ids = keyIds()
    const { world, outcome } = await runOnce(requestOf({}, { storeName: 'Our outputs' }))
    expect(world.log).toContain('valohai.renameStore')
    expect(world.log.join()).not.toMatch(/saveStore|prove|apply|mask/)
    expect(onlyStore()?.name).toBe('Our outputs')
    expect(keyIds()).toEqual(ids)
    expect(outcome).toMatchObject({
      changes: true,
      valohai: { action: 'updated', fields: ['name'], newKey: false, storeName: 'Our outputs' },
    })
  })

  it('makes the next key where somebody deleted the store', async () => {
    const [old] = keyIds()
    cloud.stores.clear()
    const { outcome } = await runOnce()
    expectLinked()
    expect([...cloud.keys.keys()]).toEqual(['2'])
    expect(keyIds()).not.toContain(old)
    expect(outcome.valohai).toMatchObject({ action: 'created', newKey: true })
  })

  it('keeps the old key until the store has the new one, where a field of it differs', async () => {
    const [old] = keyIds()
    const store = onlyStore()!
    cloud.stores.set(store.id, { ...store, multipartRoleArn: 'arn:aws:iam::1:role/of-somebody' })
    const { world, outcome } = await runOnce()
    expectLinked()
    const made = world.log.indexOf('create aws_iam_access_key.store["2"]')
    const saved = world.log.findIndex((name) => name.startsWith('valohai.saveStore'))
    const removed = world.log.indexOf('delete aws_iam_access_key.store["1"]')
    expect([made, saved, removed].every((index) => index >= 0)).toBe(true)
    expect(made).toBeLessThan(saved)
    expect(saved).toBeLessThan(removed)
    expect(keyIds()).not.toContain(old)
    expect(outcome).toMatchObject({
      aws: { toAdd: 1, toDestroy: 1, accessKeyId: keyIds()[0] },
      valohai: { action: 'updated', fields: ['multipart_upload_iam_role'], newKey: true },
    })
  })

  it('takes the role away from the store and from AWS where multipart is switched off', async () => {
    const request = requestOf({}, { multipart: false })
    const { outcome } = await runOnce(request)
    expect(cloud.role).toBe(false)
    expect(onlyStore()).toMatchObject({ multipartRoleArn: '', accessKeyId: keyIds()[0] })
    expect(outcome.aws.multipartRoleArn).toBeUndefined()
    expect((await runOnce(request)).outcome.changes).toBe(false)
  })

  it('gives the store a key that replaced one which somebody deleted in IAM', async () => {
    cloud.keys.clear()
    await runOnce()
    expectLinked()
  })

  it('makes it the default again where somebody chose another one', async () => {
    cloud.defaultStoreId = 'another-store'
    const { outcome } = await runOnce()
    expectLinked()
    expect(outcome).toMatchObject({
      changes: true,
      valohai: { action: 'unchanged', defaultStore: { before: 'another-store', changes: true } },
    })
  })

  it('never gives an answer of a run before: each has a key pair of its own', async () => {
    const { world } = await runOnce()
    expect(world.files.get('terraform.tfvars.json')).toContain('"public-key-2"')
  })
})

describe('where the API hides the access key of a store', () => {
  beforeEach(() => {
    cloud.keyIdHidden = true
  })

  it('the second run changes nothing, by the times', async () => {
    await runOnce()
    expectLinked()
    expect((await runOnce()).outcome.changes).toBe(false)
    expectLinked()
  })

  it('a key that is newer than the store is not the one it holds', async () => {
    await runOnce()
    const store = onlyStore()!
    cloud.stores.set(store.id, { ...store, region: 'us-east-1' })
    await failOnce(requestOf(), {
      fault: { at: await placeOf('aws.proveCredentials'), when: 'before' },
    })
    expect(cloud.keys.size).toBe(2)
    await runOnce()
    expectLinked()
  })

  it('the one key is kept until the store has the next one, where the times are not told either', async () => {
    await runOnce()
    const { mtime, ...store } = onlyStore()!
    expect(mtime).toBeDefined()
    cloud.stores.set(store.id, store)
    const { world } = await runOnce()
    expectLinked()
    expect(world.log.findIndex((name) => name.startsWith('valohai.saveStore'))).toBeLessThan(
      world.log.indexOf('delete aws_iam_access_key.store["1"]'),
    )
  })
})

describe('a configuration that somebody applied by hand, without a pgp_key', () => {
  beforeEach(() => {
    const key = { id: 'AKIAHAND', secret: 'secret-in-plain', created: new Date(0), pgpKey: undefined }
    Object.assign(cloud, { stateBucket: true, bucket: true, user: true, role: true })
    cloud.keys.set('1', key)
  })

  it('is linked with the key that it has', async () => {
    const { world, outcome } = await runOnce()
    expectLinked()
    expect(onlyStore()?.accessKeyId).toBe('AKIAHAND')
    expect(world.log).not.toContain('terraform.apply')
    // Masked as soon as it is read, whatever comes then.
    expect(world.log.indexOf('mask secret-in-plain')).toBe(world.log.indexOf('state.outputs') + 1)
    expect(JSON.stringify([outcome, world.told])).not.toContain('secret-in-plain')
  })

  it('has its secret masked by a plan too', async () => {
    const { world } = await runOnce(requestOf({ command: 'plan' }))
    expect(world.log).toContain('mask secret-in-plain')
  })
})

describe('a plan', () => {
  const plan = (fields: Partial<Request> = {}): Request => requestOf({ command: 'plan', ...fields })

  const WRITES = /ensureStateBucket|takeRunLock|apply|create|delete|prove|saveStore|renameStore|makeDefault/

  it('makes nothing, not even the state bucket, and takes no lock', async () => {
    const { world, outcome } = await runOnce(plan())
    expect(world.log.filter((name) => WRITES.test(name))).toEqual([])
    expect(cloud).toEqual({ ...emptyCloud(), envelopes: 1 })
    expect(world.log).toContain('terraform.plan -lock=false')
    expect(world.files.get('backend.tf')).toContain('backend "local"')
    expect(outcome).toMatchObject({
      command: 'plan',
      changes: true,
      aws: { toAdd: 4, diff: 'Terraform will perform the following actions: …', bucketArn: undefined },
      valohai: {
        action: 'created',
        newKey: true,
        storeId: undefined,
        storeUrl: undefined,
        defaultStore: { changes: true, isThisStore: false },
      },
    })
  })

  it('tells of nothing after an apply', async () => {
    await runOnce()
    const { world, outcome } = await runOnce(plan())
    expect(world.files.get('backend.tf')).toContain('backend "s3"')
    expect(world.log).not.toContain('terraform.show')
    expect(outcome).toMatchObject({
      changes: false,
      aws: { toAdd: 0, diff: undefined },
      valohai: { action: 'unchanged', defaultStore: { changes: false, isThisStore: true } },
    })
  })

  it('tells of a new key where the store was deleted', async () => {
    await runOnce()
    cloud.stores.clear()
    const { world, outcome } = await runOnce(plan())
    expect(world.log.filter((name) => WRITES.test(name))).toEqual([])
    expect(outcome.aws.changes.map(({ action, address }) => `${action} ${address}`)).toEqual([
      'create aws_iam_access_key.store["2"]',
      'delete aws_iam_access_key.store["1"]',
    ])
    expect(outcome.valohai).toMatchObject({ action: 'created', newKey: true })
  })

  it.each([false, true])('is of AWS alone without a token (applied before: %s)', async (applied) => {
    if (applied) await runOnce()
    const { world, outcome } = await runOnce(plan({ valohai: undefined }), { withoutValohai: true })
    expect(world.log.filter((name) => name.startsWith('valohai'))).toEqual([])
    expect(outcome).toMatchObject({ changes: !applied, valohai: undefined, aws: { toAdd: applied ? 0 : 4 } })
  })
})

describe('two runs at once', () => {
  it('end with one store and one key: the second takes what the first has made', async () => {
    const { world, outcome } = await runOnce(requestOf(), { otherRun: () => runOnce() })
    expectLinked()
    expect([...cloud.keys.keys()]).toEqual(['1'])
    expect(world.log).not.toContain('terraform.apply')
    expect(outcome).toMatchObject({ changes: false, valohai: { action: 'unchanged', storeId: 'store-1' } })
  })

  it('end so too where the other one is through just before the lock is asked for', async () => {
    const { world } = await runOnce(requestOf(), {
      onOperation: (name) => (name.startsWith('aws.takeRunLock') ? runOnce() : undefined),
    })
    expectLinked()
    expect([...cloud.keys.keys()]).toEqual(['1'])
    expect(world.log).not.toContain('terraform.apply')
  })
})

describe('nothing is touched', () => {
  it.each(['valohai.findProject', 'valohai.findStore'])('in AWS where %s is refused', async (name) => {
    const at = name === 'valohai.findProject' ? 0 : 1
    const { world, error } = await failOnce(requestOf(), { fault: { at, when: 'before' } })
    expect(world.log.at(-1)).toBe(name)
    expect(world.log.every((one) => one.startsWith('valohai.find'))).toBe(true)
    expect(cloud).toEqual(emptyCloud())
    expect(error.step).toBe('Look at Valohai')
    expect(error.message).toContain('Nothing was made or changed.')
  })

  it.each(['delete', 'replace'] as const)('where the plan would %s the bucket', async (action) => {
    await runOnce()
    cloud.drift.push({ address: 'aws_s3_bucket.store', type: 'aws_s3_bucket', action })
    const { world, error } = await failOnce()
    expect(error.message).toContain(`The plan would ${action} the bucket`)
    expect(world.log).not.toContain('terraform.apply')
  })
})

describe('whatever fails', () => {
  it('names the step, the cause and what exists', async () => {
    const rehearsal = fakeWorld(emptyCloud())
    await run(requestOf(), rehearsal)
    const stepOf: Record<string, string> = {
      'valohai.findProject': 'Look at Valohai',
      'valohai.findStore': 'Look at Valohai',
      'aws.findAccount': 'Prepare Terraform',
      openTerraform: 'Prepare Terraform',
      'aws.ensureStateBucket': 'Prepare Terraform',
      'aws.takeRunLock': 'Prepare Terraform',
      'terraform.init': 'Prepare Terraform',
      'state.init': 'Prepare Terraform',
      'state.outputs': 'Read the state',
      'terraform.plan': 'Plan',
      'terraform.apply': 'Apply',
      create: 'Apply',
      'aws.proveCredentials': 'Prove the access key',
      'valohai.saveStore': 'Create the store',
      'valohai.makeDefault': "Make it the project's default store",
    }
    for (const [at, entry] of rehearsal.log.entries()) {
      if (/^(mask|release)/.test(entry) || rehearsal.log.indexOf(entry) < at) continue
      cloud = emptyCloud()
      const { error } = await failOnce(requestOf(), { fault: { at, when: 'before' } })
      const name = entry.split(' ')[0]!
      expect({ name, step: error.step }).toEqual({ name, step: stepOf[name] })
      expect(error.message).toContain(`${error.step}: failed.\n${entry}: it broke`)
      expect(error.message).toMatch(/Run it again/)
      expect([entry, cloud.locked]).toEqual([entry, false])
      // What it says exists does, and the other way round.
      const says = (text: string): boolean => error.message.includes(text)
      expect([entry, says('The state bucket my-bucket-tfstate.')]).toEqual([entry, cloud.stateBucket])
      expect([entry, says('aws_s3_bucket.store, made') || says('The bucket my-bucket')]).toEqual([
        entry,
        cloud.bucket,
      ])
      expect([entry, says('aws_iam_access_key.store["1"], made') || says('The access key')]).toEqual([
        entry,
        cloud.keys.size > 0,
      ])
      expect([entry, says('The data store "my-bucket" (store-1)')]).toEqual([entry, cloud.stores.size > 0])
    }
  })

  const SITUATIONS: [string, () => Promise<unknown>][] = [
    ['nothing there yet', () => Promise.resolve()],
    ['linked before', () => runOnce()],
    [
      'a store that somebody deleted',
      async () => {
        await runOnce()
        cloud.stores.clear()
      },
    ],
    [
      'a store that somebody changed',
      async () => {
        await runOnce()
        const store = onlyStore()!
        cloud.stores.set(store.id, { ...store, region: 'us-east-1' })
      },
    ],
    [
      'a rotation that died half way',
      async () => {
        await runOnce()
        const created = new Date(Date.UTC(2026, 0, 1) + ++cloud.time * 1000)
        cloud.keys.set('2', { id: 'AKIALOST', secret: 'lost', created, pgpKey: 'of a run that died' })
      },
    ],
  ]

  describe.each(SITUATIONS)('from %s', (_what, arrange) => {
    it.each([
      ['before', false],
      ['after', false],
      ['before', true],
      ['after', true],
      ['killed', false],
      ['killed', true],
    ] as const)(
      'the next run ends in the same state, with each operation failing %s its effect (key hidden: %s)',
      async (when, hidden) => {
        cloud.keyIdHidden = hidden
        await arrange()
        const start = cloud
        const rehearsal = fakeWorld(structuredClone(start))
        await run(requestOf(), rehearsal)
        expect(rehearsal.log.length).toBeGreaterThan(5)
        for (const [at, entry] of rehearsal.log.entries()) {
          if (/^(mask|release)/.test(entry)) continue
          cloud = structuredClone(start)
          await failOnce(requestOf(), { fault: { at, when } })
          await runOnce()
          expect([entry, cloud.broken, cloud.locked]).toEqual([entry, [], false])
          expectLinked()
        }
        expect((await runOnce()).outcome.changes).toBe(false)
      },
    )
  })

  it('tells no secret', async () => {
    const at = await placeOf('valohai.saveStore')
    const world = fakeWorld(cloud, { fault: { at, when: 'after' } })
    await expect(run(requestOf(), world)).rejects.toBeInstanceOf(RunFailed)
    const told = JSON.stringify([world.told, world.warned, world.steps])
    expect(told).not.toContain(onlyStore()!.secret)
  })
})

describe('a secret', () => {
  it('is masked before anything is done with it', async () => {
    const { world } = await runOnce()
    const secret = onlyStore()!.secret
    const first = world.log.findIndex((entry) => entry.includes(secret))
    expect(world.log[first]).toBe(`mask ${secret}`)
  })

  it('that nobody holds any more is not given to anybody', async () => {
    // The state is read again, and nobody got as far as to use what it holds.
    const at = (await placeOf('create aws_iam_access_key')) + 1
    await failOnce(requestOf(), { fault: { at, when: 'before' } })
    const lost = [...cloud.keys.values()][0]!.secret
    const { world } = await runOnce()
    expect(world.log.join()).not.toContain(lost)
    expectLinked()
    expect([...cloud.keys.keys()]).toEqual(['2'])
  })
})

describe('a run that is cancelled', () => {
  it.each([
    ['valohai.findStore', 'Prepare Terraform', /Nothing was made or changed/],
    ['state.init', 'Look at Valohai again', /The state bucket/],
    ['terraform.plan', 'Apply', /The state bucket/],
    ['create aws_iam_access_key.store["1"]', 'Read the state', /aws_iam_access_key\.store\["1"\], made/],
    ['aws.proveCredentials', 'Create the store', /The access key AKIA-1-\d+, generation 1/],
    ['valohai.saveStore', "Make it the project's default store", /The data store "my-bucket"/],
  ])('during %s does not begin the next step, and the next run goes on', async (during, step, exists) => {
    const controller = new AbortController()
    const { world, error } = await failOnce(requestOf(), {
      signal: controller.signal,
      onOperation: (name) => {
        if (name.startsWith(during)) controller.abort()
      },
    })
    const operations = world.log.filter((name) => name !== 'release the lock')
    expect(operations.at(-1)).toContain(during)
    expect(cloud.locked).toBe(false)
    expect(error.step).toBe(step)
    expect(error.message).toContain('The run was cancelled')
    expect(error.message).toMatch(exists)
    await runOnce()
    expectLinked()
  })
})
