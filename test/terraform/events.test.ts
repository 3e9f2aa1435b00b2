import { parseEvent } from '../../src/terraform/events'

// The lines are Terraform 1.11.4's own, with the time and the parts that nobody reads shortened.
const resource = (addr: string, type: string): object => ({
  addr,
  module: '',
  resource: addr,
  implied_provider: 'aws',
  resource_type: type,
  resource_name: 'store',
  resource_key: null,
})

const line = (fields: object): string =>
  JSON.stringify({
    '@level': 'info',
    '@module': 'terraform.ui',
    '@timestamp': '2026-01-01T00:00:00Z',
    ...fields,
  })

describe('a planned change', () => {
  it.each(['create', 'update', 'delete', 'replace', 'read', 'move', 'import', 'noop'])(
    'is read: %s',
    (action) => {
      const text = line({
        '@message': `aws_s3_bucket.store: Plan to ${action}`,
        change: {
          resource: resource('aws_s3_bucket.store', 'aws_s3_bucket'),
          action,
          reason: 'cannot_update',
        },
        type: 'planned_change',
      })
      expect(parseEvent(text)).toEqual({
        kind: 'change',
        change: { address: 'aws_s3_bucket.store', type: 'aws_s3_bucket', action },
      })
    },
  )

  it('keeps the key of an instance in its address', () => {
    const addr = 'aws_iam_access_key.store["1"]'
    const change = { resource: resource(addr, 'aws_iam_access_key'), action: 'create' }
    expect(parseEvent(line({ change, type: 'planned_change' }))).toMatchObject({ change: { address: addr } })
  })
})

it('a summary is read', () => {
  const changes = { add: 9, change: 1, import: 0, remove: 2, operation: 'plan' }
  expect(parseEvent(line({ '@message': 'Plan: 9 to add, …', changes, type: 'change_summary' }))).toEqual({
    kind: 'summary',
    add: 9,
    change: 1,
    remove: 2,
  })
})

describe('a diagnostic is read', () => {
  it.each(['error', 'warning'])('%s', (severity) => {
    const diagnostic = {
      severity,
      summary: 'Invalid value for variable',
      detail: 'Give one or two whole numbers.',
      address: 'aws_s3_bucket.store',
      range: { filename: 'variables.tf', start: { line: 1, column: 1, byte: 0 } },
      snippet: { context: null, code: 'variable "x" {', start_line: 1 },
    }
    expect(parseEvent(line({ '@level': severity, diagnostic, type: 'diagnostic' }))).toEqual({
      kind: 'diagnostic',
      diagnostic: {
        severity,
        summary: 'Invalid value for variable',
        detail: 'Give one or two whole numbers.',
        address: 'aws_s3_bucket.store',
      },
    })
  })

  it('without a detail and an address', () => {
    const event = parseEvent(
      line({
        diagnostic: { severity: 'error', summary: 'Error acquiring the state lock' },
        type: 'diagnostic',
      }),
    )
    expect(event).toEqual({
      kind: 'diagnostic',
      diagnostic: { severity: 'error', summary: 'Error acquiring the state lock', detail: '' },
    })
  })
})

describe('an apply', () => {
  const hook = (action: string): object => ({
    resource: resource('aws_s3_bucket.store', 'aws_s3_bucket'),
    action,
    elapsed_seconds: 0,
  })

  it('tells what it made', () => {
    const text = line({ '@message': 'Creation complete', hook: hook('create'), type: 'apply_complete' })
    expect(parseEvent(text)).toEqual({
      kind: 'applied',
      message: 'Creation complete',
      address: 'aws_s3_bucket.store',
      action: 'create',
    })
  })

  it.each(['apply_start', 'apply_progress', 'apply_errored'])('tells that it goes on: %s', (type) => {
    expect(parseEvent(line({ '@message': 'Creating...', hook: hook('create'), type }))).toEqual({
      kind: 'progress',
      message: 'Creating...',
    })
  })

  it.each(['apply_start', 'apply_complete'])('does not tell that a data source is read: %s', (type) => {
    expect(parseEvent(line({ '@message': 'Reading...', hook: hook('read'), type }))).toBeUndefined()
  })
})

it.each([
  ['a blank line', ''],
  ['plain text, as init mixes it in', 'Initializing the backend...'],
  ['cut JSON', '{"type":"planned_change","change":{"resou'],
  ['JSON that is no object', '"planned_change"'],
  ['null', 'null'],
  ['a number', '42'],
  ['a list', '[]'],
  ['an event of no interest', line({ terraform: '1.11.4', type: 'version', ui: '1.2' })],
  ['an event of a type to come', line({ type: 'resource_dreamt', dream: {} })],
  ['a planned change without a resource', line({ type: 'planned_change', change: { action: 'create' } })],
  ['a summary without counts', line({ type: 'change_summary', changes: { add: 'many' } })],
])('%s is passed over', (_what, text) => {
  expect(parseEvent(text)).toBeUndefined()
})

it('tells that Terraform waits for the lock of its state', () => {
  const message = 'Acquiring state lock. This may take a few moments...'
  expect(parseEvent(line({ '@message': message, type: 'state_lock_acquire' }))).toEqual({
    kind: 'progress',
    message,
  })
})
