import { Redactor } from '../../src/reporting/redact'
import { answerError, successBody } from '../../src/valohai/answers'
import { flattenProblems, formatProblem } from '../../src/valohai/errors'

function redactorOf(secret: string): Redactor {
  const redactor = new Redactor()
  redactor.add(secret)
  return redactor
}

describe('flattenProblems (point 11)', () => {
  it.each<[string, unknown, string[]]>([
    ['detail', { detail: 'Not found.' }, ['Not found.']],
    ['detail with a code', { detail: 'Invalid token.', code: 'bad_token' }, ['Invalid token. (bad_token)']],
    ['error', { error: 'No such thing' }, ['No such thing']],
    ['message and code', { message: 'Gone', code: 'gone' }, ['Gone (gone)']],
    ['non_field_errors of strings', { non_field_errors: ['One', 'Two'] }, ['One', 'Two']],
    ['non_field_errors of objects', { non_field_errors: [{ message: 'A', code: 'b' }] }, ['A (b)']],
    ['a field', { name: [{ message: 'Taken.', code: 'unique' }] }, ['name: Taken. (unique)']],
    ['a field of strings', { name: ['Taken.', 'Ugly.'] }, ['name: Taken.', 'name: Ugly.']],
    [
      'nested under configuration',
      { configuration: { access_key_id: [{ message: 'Bad', code: 'invalid' }], bucket: 'Missing' } },
      ['configuration.access_key_id: Bad (invalid)', 'configuration.bucket: Missing'],
    ],
    [
      'a list under configuration',
      { configuration: [{ message: 'No', code: 'x' }] },
      ['configuration: No (x)'],
    ],
    ['a bare list', ['One', { detail: 'Two' }], ['One', 'Two']],
    ['a field called code', { code: [{ message: 'Bad', code: 'invalid' }] }, ['code: Bad (invalid)']],
    ['an error with details', { message: 'Invalid', errors: { name: ['Bad'] } }, ['Invalid', 'name: Bad']],
    ['nothing', {}, []],
    ['null', null, []],
  ])('%s', (_name, body, lines) => {
    expect(flattenProblems(body).map(formatProblem)).toEqual(lines)
  })

  it('is bounded', () => {
    let deep: unknown = 'x'
    for (let i = 0; i < 10_000; i += 1) deep = { detail: deep }
    expect(flattenProblems(deep)).toEqual([])
    expect(flattenProblems(Array.from({ length: 5000 }, () => 'x'))).toHaveLength(20)
  })
})

describe('answerError', () => {
  const context = { origin: 'https://app.valohai.com', path: 'stores/', redactor: redactorOf('s3cr/et+') }
  const json = (status: number, body: unknown, path = 'stores/'): string =>
    answerError({ status, contentType: 'application/json', body: JSON.stringify(body) }, { ...context, path })
      .message

  it('tells one problem in one line', () => {
    expect(json(400, { name: ['Taken'] })).toBe('name: Taken (HTTP 400)')
  })

  it('tells more problems one a line', () => {
    expect(json(400, { name: ['Taken'], type: ['Bad'] })).toBe(
      'Valohai refused it (HTTP 400)\n  - name: Taken\n  - type: Bad',
    )
  })

  it.each([
    ['text/html', '<html>nginx s3cr/et+</html>'],
    ['', '<!DOCTYPE html><h1>Bad gateway</h1>'],
  ])('makes a page (%s) an internal error', (contentType, body) => {
    expect(answerError({ status: 502, contentType, body }, context).message).toBe('Internal error (HTTP 502)')
  })

  it.each<[number, string, RegExp]>([
    [401, 'stores/', /expired \(an organization can cap .*My Profile > Authentication.*`valohai-token`/],
    [403, 'users/me/', /expired/],
    [403, 'projects/x/', /no access .*Give that user access to the project/],
    [404, 'projects/x/', /no access to it, or `valohai-url` names the wrong host/],
    [404, 'users/me/', /has no Valohai API: check the host in `valohai-url`/],
  ])('names the likely cause of %i on %s (point 10)', (status, path, cause) => {
    expect(json(status, { detail: 'No.' }, path)).toMatch(cause)
  })

  it.each(['s3cr/et+', 's3cr%2Fet%2B', 's3cr\\/et+', 's3cr&#x2F;et&#x2B;'])('redacts %s', (form) => {
    const error = answerError({ status: 400, contentType: 'text/plain', body: `bad ${form}!` }, context)
    expect(error.message).toBe('bad ***! (HTTP 400)')
    expect(JSON.stringify(error.problems)).not.toContain('s3cr')
  })

  it('leaves no part of a secret where a long text is cut', () => {
    const secret = 'x'.repeat(20)
    const body = 'a'.repeat(490) + secret
    const error = answerError(
      { status: 400, contentType: '', body },
      { ...context, redactor: redactorOf(secret) },
    )
    expect(error.message).not.toContain('x')
  })

  it('redacts a secret used as the name of a field', () => {
    expect(json(400, { 's3cr/et+': ['Unknown field'] })).toBe('***: Unknown field (HTTP 400)')
  })

  it('keeps an answer from forging log lines', () => {
    expect(json(400, { detail: 'x\n::add-mask::y\u001b[31m' })).toBe('x ::add-mask::y [31m (HTTP 400)')
  })

  it('takes a success that is not JSON as another program', () => {
    const page = { status: 200, contentType: 'text/html', body: '<html>Log in</html>' }
    expect(() => successBody(page, context)).toThrow(/not JSON.*`valohai-url`/)
  })
})
