import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { awsOutcome, outputsOf, type Outcome, type ValohaiOutcome } from '../../src/decide/outcome'
import type { StackOutputs } from '../../src/store/outputs'
import type { Plan } from '../../src/terraform/plan'
import { requestOf } from '../support/fake-world'

const STATE: StackOutputs = {
  bucket: 'my-bucket',
  bucketArn: 'arn:aws:s3:::my-bucket',
  region: 'eu-west-1',
  iamUserArn: 'arn:aws:iam::1:user/valohai-my-bucket',
  multipartRoleArn: 'arn:aws:iam::1:role/valohai-my-bucket-multipart',
  accessKeys: [
    { generation: '1', id: 'AKIAOLD', created: undefined },
    { generation: '2', id: 'AKIANEW', created: undefined },
  ],
  encryptedSecret: 'the encrypted secret',
  plainSecret: 'the secret in plain',
}

const planOf = (toAdd: number, toChange: number, toDestroy: number, address: string): Plan => ({
  hasChanges: true,
  toAdd,
  toChange,
  toDestroy,
  changes: [{ address, type: address.split('.')[0]!, action: 'create' }],
})

const VALOHAI: ValohaiOutcome = {
  project: 'acme/churn-model',
  projectUrl: 'https://app.valohai.com/p/acme/churn-model/',
  storeName: 'my-bucket',
  storeId: 'store-1',
  storeUrl: 'https://app.valohai.com/stores/store-1',
  action: 'updated',
  fields: ['name'],
  newKey: false,
  defaultStore: { before: 'another', changes: true, isThisStore: true },
}

const PLANS = [planOf(1, 2, 3, 'aws_iam_access_key.store["2"]'), planOf(10, 20, 30, 'aws_iam_role.multipart')]

const outcomeOf = (fields: Partial<Outcome> = {}): Outcome => ({
  command: 'apply',
  changes: true,
  aws: awsOutcome(PLANS, STATE, { directory: '/tmp/terraform' }),
  valohai: VALOHAI,
  ...fields,
})

describe('awsOutcome', () => {
  it('adds up the plans of a run, and tells the current key', () => {
    expect(awsOutcome(PLANS, STATE, { directory: '/tmp/terraform', diff: '+ key' })).toEqual({
      toAdd: 11,
      toChange: 22,
      toDestroy: 33,
      changes: PLANS.flatMap(({ changes }) => changes),
      diff: '+ key',
      directory: '/tmp/terraform',
      bucketArn: STATE.bucketArn,
      iamUserArn: STATE.iamUserArn,
      accessKeyId: 'AKIANEW',
      multipartRoleArn: STATE.multipartRoleArn,
    })
  })

  it('takes no secret over from the state', () => {
    const text = JSON.stringify(outcomeOf())
    expect(text).not.toContain('the secret in plain')
    expect(text).not.toContain('the encrypted secret')
  })
})

describe('outputsOf', () => {
  it('has every output that action.yml documents, and no other', () => {
    const action = parse(readFileSync(path.resolve(__dirname, '../../action.yml'), 'utf8')) as {
      outputs: Record<string, unknown>
    }
    const outputs = outputsOf(outcomeOf(), requestOf())
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(action.outputs).sort())
  })

  it('has the values as text', () => {
    expect(outputsOf(outcomeOf(), requestOf())).toEqual({
      changes: 'true',
      'to-add': '11',
      'to-change': '22',
      'to-destroy': '33',
      'terraform-dir': '/tmp/terraform',
      bucket: 'my-bucket',
      'bucket-arn': 'arn:aws:s3:::my-bucket',
      region: 'eu-west-1',
      'iam-user-arn': 'arn:aws:iam::1:user/valohai-my-bucket',
      'access-key-id': 'AKIANEW',
      'multipart-role-arn': 'arn:aws:iam::1:role/valohai-my-bucket-multipart',
      'store-id': 'store-1',
      'store-url': 'https://app.valohai.com/stores/store-1',
      'store-action': 'updated',
      'default-store': 'true',
    })
  })

  it.each([
    [true, 'true'],
    [false, 'false'],
  ])('says whether this store is the default: %s', (isThisStore, expected) => {
    const valohai = { ...VALOHAI, defaultStore: { ...VALOHAI.defaultStore, isThisStore } }
    expect(outputsOf(outcomeOf({ valohai }), requestOf())['default-store']).toBe(expected)
  })

  it('leaves out what is not known', () => {
    const nothing: StackOutputs = {
      bucket: undefined,
      bucketArn: undefined,
      region: undefined,
      iamUserArn: undefined,
      multipartRoleArn: undefined,
      accessKeys: [],
      encryptedSecret: undefined,
      plainSecret: undefined,
    }
    const aws = awsOutcome([], nothing, { directory: '/tmp/terraform' })
    const outputs = outputsOf(outcomeOf({ aws, changes: false, valohai: undefined }), requestOf())
    expect(outputs).toEqual({
      changes: 'false',
      'to-add': '0',
      'to-change': '0',
      'to-destroy': '0',
      'terraform-dir': '/tmp/terraform',
      bucket: 'my-bucket',
      region: 'eu-west-1',
    })
  })
})
