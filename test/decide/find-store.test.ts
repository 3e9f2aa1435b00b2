import { chooseStore } from '../../src/decide/find-store'
import type { Store } from '../../src/decide/observed'
import { PROJECT, store, without } from '../support/observed'

const WANTED = {
  access: 'project' as const,
  lostOffers: [],
  name: 'my-bucket',
  bucket: 'my-bucket',
  recorded: [],
  keys: ['AKIA1'],
  keysAreOfBucket: true,
}

const theirs = store({ id: 'theirs', name: 'theirs', bucket: 'theirs' })
const renamed = store({ name: 'renamed' })
const hidden = without(store(), 'bucket')
const shared = without(store(), 'projectId')

it.each<[what: string, stores: Store[], id: string | undefined, recorded?: string[]]>([
  ['no store', [], undefined],
  ['another bucket', [theirs], undefined],
  ['bucket and name', [theirs, store()], 'store-1'],
  ['the bucket, under a name that people gave it', [renamed], 'store-1'],
  ['bucket and name before another name', [store({ id: 'b', name: 'renamed' }), store()], 'store-1'],
  ['our key before bucket and name', [store(), store({ id: 'b', name: 'x', accessKeyId: 'AKIA1' })], 'b'],
  ['what was given our key before bucket and name', [store(), store({ id: 'b', name: 'x' })], 'b', ['b']],
  ['our key, though somebody changed its bucket', [{ ...theirs, accessKeyId: 'AKIA1' }], 'theirs'],
  ['what was given our key, though somebody changed its bucket', [theirs], 'theirs', ['theirs']],
  ['the bucket before another one, both with our keys', [theirs, store()], 'store-1', ['theirs', 'store-1']],
  ['the name, its bucket hidden', [hidden], 'store-1'],
  ['our key, its bucket hidden', [without(store({ name: 'x', accessKeyId: 'AKIA1' }), 'bucket')], 'store-1'],
  ['another name, its bucket hidden', [{ ...hidden, name: 'x' }], undefined],
  ['one that an admin shared, with our key', [{ ...shared, accessKeyId: 'AKIA1' }], 'store-1'],
  ['one that an admin shared, and that was given our key', [shared], 'store-1', ['store-1']],
  ['one that an admin shared, of somebody', [shared], undefined],
  ['a deleted one', [store({ deleted: true })], undefined],
  ['one of another project', [store({ projectId: 'p2', accessKeyId: 'AKIA1' })], undefined],
  ['one of another type', [store({ type: 'google' })], undefined],
  ['the same twice, from pages that shifted', [store(), store()], 'store-1'],
])('%s', (_what, stores, id, recorded = []) => {
  const chosen = chooseStore(stores, [PROJECT], { ...WANTED, recorded })
  expect(chosen.store?.id).toBe(id)
  const live = new Set(stores.filter(({ deleted }) => !deleted).map((one) => one.id))
  expect(chosen.others.map((one) => one.id)).toEqual([...live].filter((one) => one !== id))
})

it('leaves a store of another bucket alone where the keys may be for that one', () => {
  const wanted = { ...WANTED, keysAreOfBucket: false, recorded: ['theirs'] }
  expect(chooseStore([theirs], [PROJECT], wanted).store).toBeUndefined()
})

it.each<[what: string, stores: Store[], message: RegExp]>([
  ['bucket and name', [store(), store({ id: 'b' })], /store-1 \("my-bucket"\), b \("my-bucket"\)/],
  ['the bucket', [renamed, store({ id: 'b', name: 'y' })], /store-1 \("renamed"\), b \("y"\)/],
  ['the bucket, one of them hidden', [store({ id: 'b', name: 'x' }), hidden], /b \("x"\), store-1/],
])('refuses two of %s', (_what, stores, message) => {
  expect(() => chooseStore(stores, [PROJECT], WANTED)).toThrow(message)
})
