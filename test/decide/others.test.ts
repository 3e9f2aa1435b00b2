import { withOthers } from '../../src/decide/others'
import type { ExistingBucket, Observed } from '../../src/decide/observed'
import { LIFECYCLE_RULES, STATE_TAG } from '../../src/store/names'
import { bucketPolicy } from '../../src/store/policies'
import type { JsonObject } from '../../src/store/json'
import type { StoreSpec } from '../../src/store/spec'
import { EMPTY_STATE } from '../../src/state/read-state'
import { BUCKET, ROLE_ARN, USER_ARN } from '../support/fake-cloud'
import { bucketOf, identityOf } from '../support/observed'
import { defaultOptions } from '../support/options'

const STATE_OF_OURS = 's3://state/ours.tfstate'
const SPEC: StoreSpec = { ...defaultOptions(BUCKET), stateTag: STATE_OF_OURS }

const PARTNER: JsonObject = {
  Sid: 'Partner',
  Effect: 'Allow',
  Principal: { AWS: 'arn:partner' },
  Action: 's3:GetObject',
}
const NAMELESS: JsonObject = { Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject' }
const [TLS_ONLY, DENY_RECONFIGURATION] = bucketPolicy({
  bucketArn: `arn:aws:s3:::${BUCKET}`,
  userArn: USER_ARN,
  denyReconfiguration: true,
}).Statement as JsonObject[]

const cors = (origin: string, method: string, fields: JsonObject = {}): JsonObject => ({
  id: '',
  allowed_headers: ['Authorization'],
  allowed_methods: [method],
  allowed_origins: [origin],
  max_age_seconds: 3000,
  ...fields,
})
const EXPIRY: JsonObject = {
  id: 'expire-tmp',
  status: 'Enabled',
  filter: { prefix: 'tmp/' },
  expiration: { days: 30 },
}
const ABORT: JsonObject = {
  id: LIFECYCLE_RULES.abort,
  status: 'Enabled',
  filter: { prefix: '' },
  abort_incomplete_multipart_upload: { days_after_initiation: 7 },
}

/** What others set, of a bucket that a state holds with these settings. */
function seen(
  bucket: Partial<ExistingBucket>,
  settings: readonly string[] = [],
  state: Partial<Observed['state']> = {},
): Pick<Observed, 'state' | 'existing'> {
  return {
    existing: { bucket: bucketOf(bucket), user: identityOf(USER_ARN) },
    state: { ...EMPTY_STATE, settings: settings.map((type) => `aws_s3_bucket_${type}`), ...state },
  }
}

describe('statements of the policy', () => {
  const statements = (found: JsonObject[], settings: string[] = [], spec = SPEC) => {
    const { others, refused } = withOthers(spec, seen({ policyStatements: found }, settings))
    return [others.policyStatements, refused.length]
  }

  it.each<[string, JsonObject[], string[], JsonObject[], number]>([
    ['others are kept, in their order', [PARTNER, TLS_ONLY!, NAMELESS], ['policy'], [PARTNER, NAMELESS], 0],
    ['ours with another text is drift', [{ ...TLS_ONLY!, Action: 's3:GetObject' }], ['policy'], [], 0],
    ['ours that is no longer asked for goes', [TLS_ONLY!, DENY_RECONFIGURATION!], ['policy'], [], 0],
    ['in a policy that the state lacks, ours by its text is ours', [TLS_ONLY!, PARTNER], [], [PARTNER], 0],
    [
      'written in another form it says the same',
      [
        {
          ...TLS_ONLY!,
          Principal: { AWS: '*' },
          Action: ['s3:*'],
          Resource: [...(TLS_ONLY!.Resource as string[])].reverse(),
        },
      ],
      [],
      [],
      0,
    ],
  ])('%s', (_what, found, settings, others, refused) => {
    expect(statements(found, settings)).toEqual([others, refused])
  })

  it('one of our names with another text, where the state lacks it, stops', () => {
    const found = { ...TLS_ONLY!, Action: 's3:GetObject' }
    const { refused } = withOthers(SPEC, seen({ policyStatements: [found] }))
    expect(refused).toEqual([expect.stringMatching(/DenyInsecureTransport .*another text/)])
  })

  it('on a bucket that bears our tag it is ours, whatever its text: the state may be lost', () => {
    const found = { ...TLS_ONLY!, Action: 's3:GetObject' }
    const tags = { [STATE_TAG]: STATE_OF_OURS }
    const { others, refused } = withOthers(SPEC, seen({ policyStatements: [found], tags }))
    expect([others.policyStatements, refused]).toEqual([[], []])
  })
})

describe('CORS rules', () => {
  const rules = (found: JsonObject[], settings: string[] = [], origin?: string) =>
    withOthers(SPEC, seen({ corsRules: found }, settings, { origin })).others.corsRules
  const OURS = [cors('*', 'GET'), cors(SPEC.valohaiOrigin, 'POST')]
  const OLDER = cors('https://old.example', 'POST')
  const TOOL = cors('https://tool.example', 'PUT')

  it.each<[string, JsonObject[], string | undefined, JsonObject[]]>([
    ['others are kept', [TOOL, ...OURS], undefined, [TOOL]],
    [
      'with an id, a rule of our form is theirs',
      [{ ...OURS[0]!, id: 'theirs' }],
      undefined,
      [{ ...OURS[0]!, id: 'theirs' }],
    ],
    ['of our form with another origin: theirs', [...OURS, OLDER], undefined, [OLDER]],
    ['with the origin that a run set: ours, and replaced', [OURS[0]!, OLDER], 'https://old.example', []],
    [
      'with other headers: theirs',
      [cors('*', 'GET', { allowed_headers: ['*'] })],
      undefined,
      [cors('*', 'GET', { allowed_headers: ['*'] })],
    ],
  ])('%s', (_what, found, origin, others) => {
    expect(rules(found, ['cors_configuration'], origin)).toEqual(others)
  })
})

describe('lifecycle rules', () => {
  const asked = (found: JsonObject[], settings: string[], spec: Partial<StoreSpec> = {}) => {
    const ids = found.map(({ id }) => id as string)
    const state = { lifecycleRuleIds: settings.length > 0 ? ids : [] }
    const { others, abortMultipartDays, refused } = withOthers(
      { ...SPEC, ...spec },
      seen({ lifecycleRules: found }, settings, state),
    )
    return {
      rules: others.lifecycleRules,
      first: others.lifecycleRulesComeFirst,
      abortMultipartDays,
      refused: refused.length,
    }
  }
  const HELD = ['lifecycle_configuration']
  const NONE = { first: false, refused: 0 }

  it.each<[string, JsonObject[], string[], Partial<StoreSpec>, object]>([
    ['none: ours is made', [], [], {}, { ...NONE, rules: [], abortMultipartDays: undefined }],
    ['of others alone: left alone', [EXPIRY], [], {}, { ...NONE, rules: [], abortMultipartDays: 0 }],
    [
      'of others, and ours asked for: ours stands after them',
      [EXPIRY],
      [],
      { abortMultipartDays: 3 },
      { rules: [EXPIRY], first: true, refused: 0, abortMultipartDays: 3 },
    ],
    [
      'of others after ours',
      [ABORT, EXPIRY],
      HELD,
      {},
      { ...NONE, rules: [EXPIRY], abortMultipartDays: undefined },
    ],
    [
      'ours taken out: theirs stay',
      [ABORT, EXPIRY],
      HELD,
      { abortMultipartDays: 0 },
      { ...NONE, rules: [EXPIRY], abortMultipartDays: 0 },
    ],
    [
      'one of our name with another text, where the state lacks it, stops',
      [{ ...ABORT, status: 'Disabled' }],
      [],
      { abortMultipartDays: 7 },
      { first: true, rules: [{ ...ABORT, status: 'Disabled' }], refused: 1, abortMultipartDays: 7 },
    ],
    [
      'versions kept: theirs stay beside ours',
      [EXPIRY],
      [],
      { versioning: true },
      { rules: [EXPIRY], first: true, refused: 0, abortMultipartDays: 0 },
    ],
  ])('%s', (_what, found, settings, spec, result) => {
    expect(asked(found, settings, spec)).toEqual(result)
  })
})

it('a lifecycle rule of ours that somebody took out is put back, for the state has it', () => {
  const state = { lifecycleRuleIds: [LIFECYCLE_RULES.abort] }
  const { abortMultipartDays } = withOthers(
    SPEC,
    seen({ lifecycleRules: [EXPIRY] }, ['lifecycle_configuration'], state),
  )
  expect(abortMultipartDays).toBeUndefined()
})

describe('tags', () => {
  const keys = (
    tags: Record<string, string>,
    held: Record<string, string>,
    asked: Record<string, string> = {},
  ) => withOthers({ ...SPEC, tags: asked }, seen({ tags }, [], { tags: { bucket: held } })).others.tagKeys

  it.each<[string, Record<string, string>, Record<string, string>, Record<string, string>, string[]]>([
    ['of others are left', { owner: 'data', backup: 'x' }, {}, {}, ['backup', 'owner']],
    ['that are asked for are ours', { team: 'a' }, {}, { team: 'b' }, []],
    ['that were asked for, and are as they were, go', { team: 'a' }, { team: 'a' }, {}, []],
    ['that were asked for, and have another value by now, stay', { team: 'b' }, { team: 'a' }, {}, ['team']],
    ["of AWS's own are none", { 'aws:cloudformation:stack-name': 's' }, {}, {}, []],
    ['that name a state are ours', { [STATE_TAG]: 'another' }, {}, {}, []],
  ])('%s', (_what, tags, held, asked, left) => {
    expect(keys(tags, held, asked)).toEqual(left)
  })

  it('of user and role count too', () => {
    const { others } = withOthers(SPEC, {
      state: { ...EMPTY_STATE, tags: { user: { b: '1' } } },
      existing: {
        user: identityOf(USER_ARN, { tags: { a: '1', b: '1' } }),
        role: identityOf(ROLE_ARN, { tags: { c: '1' } }),
      },
    })
    expect(others.tagKeys).toEqual(['a', 'c'])
  })
})

describe('what is there in its own words', () => {
  it.each([
    [undefined, 'arn:boundary', 'arn:boundary'],
    ['arn:asked', 'arn:boundary', 'arn:asked'],
  ])('a boundary, asked for %s and there %s', (permissionsBoundary, there, kept) => {
    const existing = { user: identityOf(USER_ARN, { permissionsBoundary: there }) }
    const { others } = withOthers({ ...SPEC, permissionsBoundary }, { state: EMPTY_STATE, existing })
    expect(others.permissionsBoundary).toBe(kept)
  })

  it.each([
    [undefined, undefined, true, true],
    ['arn:key', 'arn:key', false, false],
    // As ours is: nothing to keep.
    ['arn:key', 'arn:key', true, undefined],
    [undefined, undefined, false, undefined],
    // With another encryption than it has, it is as ours is.
    ['arn:key', undefined, false, undefined],
  ])('a bucket key, with %s asked for and %s there', (kmsKeyArn, there, is, kept) => {
    const { others } = withOthers({ ...SPEC, kmsKeyArn }, seen({ kmsKeyArn: there, bucketKeyEnabled: is }))
    expect(others.bucketKeyEnabled).toBe(kept)
  })
})
